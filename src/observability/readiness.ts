/** What one part of the process says about itself; `reason` is for people and holds nothing secret. */
type ComponentState = { readonly ready: boolean; readonly reason?: string };
export type Component = { readonly name: string; state(): ComponentState };

type ReadinessReport = { readonly ready: boolean; readonly components: Readonly<Record<string, ComponentState>> };

/** Ready if every component is; a component whose probe throws is not. */
export function readinessOf(components: readonly Component[]): ReadinessReport {
  const states = components.map((component) => [component.name, stateOf(component)] as const);
  return { ready: states.every(([, state]) => state.ready), components: Object.fromEntries(states) };
}

function stateOf(component: Component): ComponentState {
  try {
    return component.state();
  } catch (error) {
    return { ready: false, reason: `its probe failed: ${error instanceof Error ? error.message : 'unknown error'}` };
  }
}
