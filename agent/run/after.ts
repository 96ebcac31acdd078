/** What a timer of Node takes; one set for longer goes off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Calls back after so many ms, however many they are. Gives a function that takes that back. */
export function after(ms: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (left: number): void => {
    const now = Math.min(left, LONGEST_TIMER_MS);
    timer = setTimeout(() => (left > now ? wait(left - now) : callback()), now);
  };
  wait(ms);
  return () => clearTimeout(timer);
}
