export { startProgram } from "./program.ts";
export { checklistLines, writeVerdict } from "./report.ts";
export { findRepository } from "./repository.ts";
export { runScenarios, SCENARIOS } from "./run-scenarios.ts";
