/**
 * Called every few hundred microseconds of work. It may throw, which ends the work: that is how a caller bounds the time of
 * pure code, which knows no clock.
 */
export type Checkpoint = () => void;

export const noCheckpoint: Checkpoint = () => undefined;
