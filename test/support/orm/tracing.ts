import { createRequire } from 'node:module'

import { context, trace, type Tracer } from '@opentelemetry/api'
import { MySQL2Instrumentation } from '@opentelemetry/instrumentation-mysql2'
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node'

// It hooks `require`, through which mysql2 loads its own files however it is imported itself.
const exporter = new InMemorySpanExporter()
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] })
provider.register()
new MySQL2Instrumentation().setTracerProvider(provider)
createRequire(import.meta.url)('mysql2')

const tracer: Tracer = trace.getTracer('test')

/** Runs `work` in a span of its own; the spans below it, by statement. */
export async function spansBelow(work: () => Promise<unknown>): Promise<ReadableSpan[]> {
  const parent = tracer.startSpan('request')
  await context.with(trace.setSpan(context.active(), parent), work)
  parent.end()
  const { spanId } = parent.spanContext()
  return exporter.getFinishedSpans().filter((span) => span.parentSpanContext?.spanId === spanId)
}
