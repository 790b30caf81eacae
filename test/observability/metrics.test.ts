import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { defineMetrics, metricRows, metricsTable } from '../../src/observability/metrics.ts';
import { sourceText } from '../support/sources.ts';

describe('metrics', () => {
  it('follow the naming rules of Prometheus and carry a help text', () => {
    for (const { name, kind, help } of metricRows()) {
      expect(name).toMatch(/^verdictflow_[a-z_]+$/);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
      if (kind === 'histogram') expect(name).toMatch(/_seconds$/);
      expect(help).toMatch(/\.$/);
    }
  });

  it('never use an identity as a label', () => {
    const labels = metricRows().flatMap((row) => row.labels);
    for (const identity of ['token', 'verificationId', 'workflowId', 'offset', 'key', 'bizNo']) expect(labels).not.toContain(identity);
  });

  it('are registered exactly as listed', () => {
    const registry = new Registry();
    defineMetrics(registry);
    const registered = registry.getMetricsAsArray().map((metric) => metric.name);
    expect(registered).toEqual(metricRows().map((row) => row.name));
    for (const name of registered) expect(metricsTable()).toContain(`\`${name}\``);
  });

  it('of what is in progress are asked for at each scrape', async () => {
    const registry = new Registry();
    let inProgress = 2;
    defineMetrics(registry).inProgress.from(() => inProgress);
    expect(await registry.metrics()).toContain('verdictflow_admission_in_progress 2');
    inProgress = 1;
    expect(await registry.metrics()).toContain('verdictflow_admission_in_progress 1');
  });

  it('are each reported by somebody', () => {
    const code = sourceText(['src', 'workers']);
    const told = new Set(Array.from(code.matchAll(/metrics\.(\w+)\.(?:inc|set|observe|from)\(/g), ([, name]) => name));
    expect(Object.keys(defineMetrics(new Registry())).filter((name) => !told.has(name))).toEqual([]);
  });
});
