/**
 * The server's house-keeping: options, log, data directory, relaunch; and `serve`, which runs it all.
 *
 * @module
 */

export { createDataDir, defaultDataDir } from "./data_dir.ts";
export { formatByteSize, parseByteSize } from "./byte_size.ts";
export { helpText } from "./help.ts";
export {
  createLogger,
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
export { describeStartFailure, OptionError, StartError } from "./start_error.ts";
export { isThread } from "./thread.ts";
export { play } from "./play.ts";
export { version } from "./version.ts";
