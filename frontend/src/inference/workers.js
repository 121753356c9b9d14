/** Keeps the page told whether the model is running, and which: seldom in peace, often in trouble. */

const CALM = 20000;
const TROUBLED = 3000;

/**
 * @param {{store: import('../store/store.js').Store, status: ReturnType<typeof import('../api/status.js').statusApi>}} parts
 */
export function watchWorkers({ store, status }) {
  const { annotations, session } = store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  async function look() {
    clearTimeout(timer);
    const answer = await status.get().catch(() => null);
    if (answer) {
      const worker = answer.workers.interactive ? 'running' : 'down';
      session.set({ worker, checkpoint: answer.checkpoint?.id ?? null });
    }
    timer = setTimeout(look, isWaiting() || session.get().worker === 'down' ? TROUBLED : CALM);
  }

  const isWaiting = () => [...annotations.pendings.values()].some((p) => p.status === 'thinking');

  annotations.on(({ patches }) => {
    const asked = patches.some((p) => p.kind === 'pending' && p.after?.status === 'thinking');
    if (!asked) return;
    clearTimeout(timer);
    timer = setTimeout(look, TROUBLED);
  });

  return { look };
}
