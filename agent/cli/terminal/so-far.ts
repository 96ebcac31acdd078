const FIRST_S = 30;
const LONGEST_S = 600;

/**
 * Calls `report` with the seconds so far, at 30 s, a minute, two minutes and so on, of something that began `sinceMs` ago; the
 * function returned ends that.
 */
export function reportSoFar(report: (seconds: number) => void, sinceMs = 0): () => void {
  let timer: NodeJS.Timeout;
  const wait = (seconds: number, pauseMs: number): void => {
    timer = setTimeout(() => {
      report(seconds);
      const next = Math.min(seconds, LONGEST_S);
      wait(seconds + next, next * 1000);
    }, pauseMs);
    timer.unref();
  };
  wait(FIRST_S, FIRST_S * 1000 - sinceMs);
  return () => clearTimeout(timer);
}
