import { createHash } from 'node:crypto';
import { durationText, fromNowText } from '../../contracts/text/duration.ts';
import type { VerificationDetails } from '../ports.ts';
import type { Timeline } from './ports.ts';
import { html, type Html } from './html.ts';
import { type Line, lineOf, toneOf } from './lines.ts';
import { nextSteps, whyOf } from './next.ts';
import { PAGE_STYLE } from './page-style.ts';
import { stamp } from './render-text.ts';
import { lettered } from './runs.ts';
import { strip } from './strip.ts';

const NONE: Html = { markup: '' };
/** Nothing may be loaded or run, and no style applies but the one that has this hash. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/** What a page is made of. `uiUrl`: where the Temporal UI shows it. */
export type PageFacts = {
  readonly details: VerificationDetails;
  readonly timeline: Timeline;
  readonly nowMs: number;
  readonly uiUrl?: string;
};

/** One self-contained page of a verification, to be attached to a ticket: no script, nothing fetched, everything escaped. */
export function pageOf(facts: PageFacts): string {
  const { details, nowMs } = facts;
  const title = `Verification ${details.verificationId}`;
  // The style is ours and holds nothing to escape; escaped, its hash would be another.
  const style: Html = { markup: `<style>${PAGE_STYLE}</style>` };
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${style}
      </head>
      <body>
        <main>
          <header>
            <h1>Face verification</h1>
            <code>${details.verificationId}</code>
          </header>
          ${verdictCard(facts)} ${nextCard(facts)}
          <h2>Facts</h2>
          <section class="card">${factList(facts)}${strip(facts)}</section>
          <h2>What happened</h2>
          ${lines(facts)} ${runList(facts)} ${notes(facts)}
          <footer>
            Made by verdictflow at ${stamp(new Date(nowMs).toISOString())} UTC. All times are UTC. It may hold personal data: keep it where
            the ticket is kept.
          </footer>
        </main>
      </body>
    </html> `;
  return page.markup;
}

function verdictCard({ details, timeline, nowMs }: PageFacts): Html {
  const { outcome, reasons, retryAdvice, status, stage } = details;
  const why = whyOf(timeline);
  const head = outcome ?? (status === 'RUNNING' ? (stage ?? status) : status);
  const tone = outcome === undefined ? (status === 'RUNNING' ? 'wait' : 'bad') : toneOf(outcome);
  const when =
    details.closedAt === undefined
      ? `running for ${durationText(nowMs - Date.parse(details.startedAt))}`
      : `decided ${stamp(details.closedAt)} UTC`;
  const advice = retryAdvice === undefined || retryAdvice === 'NONE' ? NONE : html` · advice ${retryAdvice}`;
  return html`<section class="card verdict ${tone}">
    <strong>${head}</strong>
    ${reasons.length === 0 ? NONE : html`<p><code>${reasons.join(', ')}</code></p>`}
    ${why === undefined || outcome === undefined ? NONE : html`<p>${why}</p>`}
    <p class="small">${when}${advice}</p>
  </section>`;
}

function nextCard({ details, nowMs }: PageFacts): Html {
  const steps = nextSteps(details, nowMs);
  return steps.length === 0
    ? NONE
    : html`<h2>What comes next</h2>
        <section class="card">
          <ul>
            ${steps.map((step) => html`<li>${step}</li>`)}
          </ul>
        </section>`;
}

function factList({ details, timeline, uiUrl, nowMs }: PageFacts): Html {
  const { readsCounted, readsUncertain = 0, maxReads, deadlineAt, emission } = details;
  const admitted = timeline.events.find(({ kind }) => kind === 'ADMITTED');
  const counted = readsCounted === undefined ? undefined : `${readsCounted}${maxReads === undefined ? '' : ` of ${maxReads}`} counted`;
  const fields: readonly (readonly [string, string | Html | undefined])[] = [
    ['Reads', counted === undefined || readsUncertain === 0 ? counted : `${counted}, ${readsUncertain} uncertain`],
    ['Deadline', deadlineAt === undefined ? undefined : `${stamp(deadlineAt)} (${fromNowText(Date.parse(deadlineAt), nowMs)})`],
    ['Policy', details.policy],
    [
      'Admitted from',
      admitted?.kind === 'ADMITTED' ? `${admitted.topic}, partition ${admitted.partition}, offset ${admitted.offset}` : undefined,
    ],
    ['Published to', emission === undefined ? undefined : `${emission.topic}, partition ${emission.partition}, offset ${emission.offset}`],
    ['Workflow', html`<code>${details.workflowId}</code> (${details.status})`],
    ['Namespace', details.namespace],
    ['Temporal UI', uiUrl !== undefined && /^https?:\/\//.test(uiUrl) ? html`<a href="${uiUrl}" rel="noreferrer">open</a>` : undefined],
  ];
  return html`<dl>
    ${fields.map(([name, value]) =>
      value === undefined
        ? NONE
        : html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
    )}
  </dl>`;
}

function lines({ timeline, nowMs }: PageFacts): Html {
  const runs = lettered(timeline.runs);
  const letters = new Map(runs.length > 1 ? runs.map(({ runId, letter }) => [runId, letter]) : []);
  let beforeMs: number | undefined;
  const items = timeline.events.map((event) => {
    const line = lineOf(event, nowMs);
    const atMs = Date.parse(line.at);
    const after = beforeMs === undefined || atMs - beforeMs < 1_000 ? '' : `+${durationText(atMs - beforeMs)}`;
    beforeMs = atMs;
    return item(line, { after, letter: letters.get(line.runId ?? '') });
  });
  return html`<ol class="card">
    ${items}
  </ol>`;
}

function item({ at, what, more, tone }: Line, { after, letter }: { readonly after: string; readonly letter: string | undefined }): Html {
  return html` <li class="${tone}">
    <time datetime="${at}">${stamp(at)}${after === '' ? NONE : html`<span>${after}</span>`}</time>
    <div class="dot"></div>
    <div class="body">
      <div class="what">${letter === undefined ? NONE : html`<span class="run">${letter}</span>`}${what}</div>
      ${more.length === 0 ? NONE : html`<div class="more">${more.join(' · ')}</div>`}
    </div>
  </li>`;
}

function runList({ timeline }: PageFacts): Html {
  const runs = lettered(timeline.runs);
  return runs.length < 2
    ? NONE
    : html`<h2>Runs</h2>
        <section class="card">
          <ul class="plain">
            ${runs.map(({ letter, name, runId }) => html`<li><span class="run">${letter}</span>${name} <code>${runId}</code></li>`)}
          </ul>
        </section>`;
}

function notes({ details, timeline }: PageFacts): Html {
  const all = [...timeline.gaps, ...(details.note === undefined ? [] : [details.note])];
  return all.length === 0
    ? NONE
    : html`<h2>Notes</h2>
        <section class="card">
          <ul>
            ${all.map((note) => html`<li>${note}</li>`)}
          </ul>
        </section>`;
}
