/** Who orders something, and why. */
export type Mandate = { readonly operator: string; readonly reason: string; readonly ticket?: string };

/** Of what is erased because its time has passed: nobody ordered it, and nobody may order in this name. */
export const SWEEPER: Readonly<Mandate> = { operator: 'verdictflow-sweeper', reason: 'its time has passed' };

/** Pseudonymous, hence no `@`, because it also goes into outcomes. */
export const OPERATOR_NAME = /^[\w.:/-]{1,64}$/;
export const OPERATOR_RULE = 'must be a name of up to 64 letters, digits and . : / _ -, no e-mail address';
export const TICKET = /^[\w.#:/-]{1,64}$/;
export const TICKET_RULE = 'must be up to 64 letters, digits and . # : / _ -';
export const LONGEST_REASON = 200;
/** No control characters, no halves of characters. */
export const PRINTABLE = /^[^\p{Cc}\p{Cs}]+$/u;
/** A reason is read in terminals and pages: nothing in it breaks a line either, or turns the writing round. */
export const ONE_LINE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]+$/u;

type Known = Readonly<Record<keyof Mandate, unknown>>;

/** The mandate in what anybody may have sent, or what is wrong with it, for people. */
export function mandateIn(value: unknown): Mandate | readonly string[] {
  if (typeof value !== 'object' || value === null) return ['it must be an object with operator, reason and, if there is one, ticket'];
  const { operator, reason, ticket }: Known = { operator: undefined, reason: undefined, ticket: undefined, ...value };
  const isOperator = typeof operator === 'string' && OPERATOR_NAME.test(operator);
  const isReason = typeof reason === 'string' && reason.trim() !== '' && reason.length <= LONGEST_REASON && ONE_LINE.test(reason);
  const hasTicket = ticket !== undefined && ticket !== null && ticket !== '';
  const isTicket = !hasTicket || (typeof ticket === 'string' && TICKET.test(ticket));
  if (isOperator && isReason && isTicket) return { operator, reason, ...(typeof ticket === 'string' && hasTicket ? { ticket } : {}) };
  return [
    ...(isOperator ? [] : [`operator ${OPERATOR_RULE}`]),
    ...(isReason ? [] : [`reason must be one line of up to ${LONGEST_REASON} characters`]),
    ...(isTicket ? [] : [`ticket ${TICKET_RULE}`]),
  ];
}
