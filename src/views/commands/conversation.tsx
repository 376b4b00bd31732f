import type { ConversationModel } from "../model.ts";
import { CommandFilterForm } from "./command-filter-form.tsx";
import { CommandForm } from "./command-form.tsx";
import { CommandList } from "./command-list.tsx";

/** `#conv`: the command box unless nothing can be started, the filters and the list of commands. */
export function Conversation(model: ConversationModel): JSX.Element {
  return (
    <div id="conv">
      {model.isReadOnly ? "" : <CommandForm {...model} />}
      <CommandFilterForm {...model} />
      <CommandList model={model.commandList} />
    </div>
  );
}
