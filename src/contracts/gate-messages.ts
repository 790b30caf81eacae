import { GATE_PHASES, type GateState } from '../domain/gate/gate.ts';
import type { AccountLimit, CanaryClaim, CanaryEnd, StopOrder } from './gate.ts';
import { LONGEST_REASON, ONE_LINE, OPERATOR_NAME } from './mandate.ts';
import { part } from './recorded.ts';

// What workers tell the gate, and what is left of its state in a memo. Anybody may send or write anything.

const VERIFICATION_ID = /^[a-z2-7]{26}$/;
const CODE = /^[A-Z0-9_]{1,64}$/;

export function stopOrderIn(value: unknown): StopOrder | undefined {
  const [by, reason, asOfHolds] = [part(value, 'by'), part(value, 'reason'), part(value, 'asOfHolds')];
  if (!isText(by, OPERATOR_NAME) || !isText(reason, ONE_LINE) || reason.length > LONGEST_REASON) return undefined;
  return isCount(asOfHolds) ? { by, reason, asOfHolds } : undefined;
}

export function canaryClaimIn(value: unknown): CanaryClaim | undefined {
  const verificationId = part(value, 'verificationId');
  return isText(verificationId, VERIFICATION_ID) ? { verificationId } : undefined;
}

export function canaryEndIn(value: unknown): CanaryEnd | undefined {
  const claim = canaryClaimIn(value);
  const [result, code] = [part(value, 'result'), part(value, 'code')];
  if (claim === undefined || !isText(code, CODE)) return undefined;
  return result === 'WELL' || result === 'STOP' || result === 'NO_ANSWER' ? { ...claim, result, code } : undefined;
}

export function accountLimitIn(value: unknown): AccountLimit | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const perSecond = part(value, 'perSecond');
  if (perSecond === undefined) return {};
  return typeof perSecond === 'number' && perSecond >= 1 ? { perSecond } : undefined;
}

/** The discriminants are checked; what they promise is taken as the gate wrote it. */
export function gateStateIn(value: unknown): GateState | undefined {
  return isGateState(value) ? value : undefined;
}

function isGateState(value: unknown): value is GateState {
  const texts = ['sinceAt', 'by', 'reason'].every((name) => typeof part(value, name) === 'string');
  const isPhase = GATE_PHASES.some((phase) => phase === part(value, 'phase'));
  return texts && isPhase && isCount(part(value, 'changes')) && isCount(part(value, 'holds'));
}

function isText(value: unknown, form: RegExp): value is string {
  return typeof value === 'string' && form.test(value);
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
