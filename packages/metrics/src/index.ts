export { type MetricDescription, METRICS } from './descriptions.ts'
export { openTelemetryMetrics, type OpenTelemetryMetricsOptions } from './opentelemetry.ts'
export {
  openTelemetryProducer,
  type OpenTelemetryProducerOptions,
} from './opentelemetry-producer.ts'
export type { Metrics } from './metrics.ts'
export { prometheusMetrics, type PrometheusMetricsOptions } from './prometheus.ts'
