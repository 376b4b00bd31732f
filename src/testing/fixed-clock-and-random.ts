/**
 * Loaded before the program. It replaces the clock with one that starts in 2001 and moves only when a timer fires, and
 * `Math.random` with a constant.
 */
const RealDate = Date;
let nowEpochMs = RealDate.UTC(2001, 8, 9, 1, 46, 40);

const startTimer = globalThis.setTimeout;

globalThis.setTimeout = Object.assign(
  (callback: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]) => {
    const dueEpochMs = nowEpochMs + Number(delayMs);
    const onTime = () => {
      nowEpochMs = Math.max(nowEpochMs, dueEpochMs);
      callback(...args);
    };
    return startTimer(onTime, delayMs);
  },
  startTimer,
);

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [nowEpochMs] : args, newTarget),
  apply: (target) => new target(nowEpochMs).toString(),
  get: (target, key, receiver) => (key === "now" ? () => nowEpochMs : Reflect.get(target, key, receiver)),
});

Math.random = () => 0.5;
