export { type MetricDescription, METRICS } from './descriptions.ts'
export { openTelemetryMetrics, type OpenTelemetryMetricsOptions } from './opentelemetry.ts'
export { type Metrics, prometheusMetrics, type PrometheusMetricsOptions } from './prometheus.ts'
