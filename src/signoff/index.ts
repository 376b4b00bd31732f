export { DECK, playDeck } from "./deck.ts";
export { checklistLines, writeVerdict } from "./report.ts";
export { findRepository } from "./repository.ts";
export { openStage } from "./stage.ts";
