import type { PlanCode, PlanLine } from '../../operator/replay/plan-line.ts';
import { whyText } from '../../operator/replay/plan-text.ts';
import type { CliIo } from '../io.ts';

const SHOWN_AT_MOST = 20;

export type Refusals = { add(line: PlanLine): void; end(): void };

/** Says what `replay run` will not do: for people the first ones and how many there are, for programs each. */
export function createRefusals(io: CliIo, { json, aside }: { json: boolean; aside: (write: () => void) => void }): Refusals {
  const counts = new Map<PlanCode, number>();
  let refused = 0;
  return {
    add(line) {
      const { verificationId, action, code } = line;
      if (action !== 'REFUSE') return;
      refused += 1;
      const alike = (counts.get(code) ?? 0) + 1;
      counts.set(code, alike);
      const why = whyText(line);
      // Refusals are usual, what cannot be read is not: it is told also after many others.
      const isShown = refused <= SHOWN_AT_MOST || (code === 'UNREADABLE' && alike <= SHOWN_AT_MOST);
      if (json) aside(() => io.stdout(`${JSON.stringify({ verificationId, action, code, why })}\n`));
      else if (isShown) aside(() => io.stderr(`${verificationId}  refused: ${why}\n`));
    },
    end() {
      if (json || refused <= SHOWN_AT_MOST) return;
      const parts = [...counts].map(([code, count]) => `${count} ${code}`);
      io.stderr(`verdictflow replay: ${refused} refused: ${parts.join(', ')}\n`);
    },
  };
}
