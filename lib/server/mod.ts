/**
 * The server's house-keeping: options, log, data directory, relaunch; and `serve`, which runs it all.
 *
 * @module
 */

export { helpText } from "./help.ts";
export {
  type LogFields,
  type LogFormat,
  type Logger,
  type LogLevel,
  printError,
  printLine,
} from "./log.ts";
export { type MemoryBudget } from "./memory.ts";
export { type Durability } from "./option_values.ts";
export { type Command, parseCommand, type ServeOptions, systemOptionSource } from "./options.ts";
export { endWithLauncher, readCapabilities, relaunch } from "./relaunch.ts";
export { serve } from "./serve.ts";
export { describeStartFailure } from "./start_error.ts";
export { isThread } from "./thread.ts";
export { play } from "./play.ts";
export { version } from "./version.ts";
