import type { PortalView, PortalViews } from '../views';
import type { PortalRequest } from './PortalRequest';

/** What lists there are, as the notifications name them. */
export type ListKind = 'tools' | 'prompts' | 'resources';

/** How often is looked whether what a client sees has changed. */
const LOOK_MS = 2_000;

/**
 * Tells clients that what they see has changed: servers and definitions that
 * were approved or changed, policies, their own choices. What others see does not matter.
 */
export class ListChanges {
  readonly #views: PortalViews;

  constructor(options: { views: PortalViews }) {
    this.#views = options.views;
  }

  /** Until the signal ends it. */
  watch(
    { caller, portal, codeMode }: PortalRequest,
    onChange: (kind: ListKind) => void,
    signal: AbortSignal,
  ): void {
    let seen: PortalView | undefined;
    const look = async () => {
      const view = await this.#views.of(caller, portal).catch(() => undefined);
      if (view && seen && view.version !== seen.version) {
        changedLists(seen, view)
          // With Code Mode, the list of tools is always the same.
          .filter(kind => kind !== 'tools' || !codeMode)
          .forEach(onChange);
      }
      seen = view ?? seen;
    };
    void look();
    const timer = setInterval(look, LOOK_MS);
    timer.unref();
    signal.addEventListener('abort', () => clearInterval(timer), {
      once: true,
    });
  }
}

function changedLists(before: PortalView, after: PortalView): ListKind[] {
  const kinds: ListKind[] = [];
  if (pinsOf(before.tools) !== pinsOf(after.tools)) {
    kinds.push('tools');
  }
  if (pinsOf(before.prompts) !== pinsOf(after.prompts)) {
    kinds.push('prompts');
  }
  const templates = ({ templates: all }: PortalView) =>
    all.map(({ exposed, pin }) => `${exposed} ${pin}`).join();
  const servers = ({ servers: all }: PortalView) =>
    all.map(({ name }) => name).join();
  if (
    templates(before) !== templates(after) ||
    servers(before) !== servers(after)
  ) {
    kinds.push('resources');
  }
  return kinds;
}

function pinsOf(definitions: ReadonlyMap<string, { pin: string }>): string {
  return [...definitions].map(([name, { pin }]) => `${name} ${pin}`).join();
}
