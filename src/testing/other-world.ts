/**
 * Loaded before the program, this puts it into another world: it is 2001, the clock stands still but for the timers that
 * somebody waits for, and chance always comes out the same.
 */
const OtherDate = Date;
let nowEpochMs = OtherDate.UTC(2001, 8, 9, 1, 46, 40);

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

globalThis.Date = new Proxy(OtherDate, {
  construct: (target, args: [], newTarget) =>
    Reflect.construct(target, args.length === 0 ? [nowEpochMs] : args, newTarget),
  apply: (target) => new target(nowEpochMs).toString(),
  get: (target, key, receiver) => (key === "now" ? () => nowEpochMs : Reflect.get(target, key, receiver)),
});

Math.random = () => 0.5;
