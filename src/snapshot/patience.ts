/** How long a look-up waits for its registry before it starts from what is remembered. */

/** Well within the second in which a daemon that starts during an outage has to serve. */
export const PATIENCE_MS = 250;

/** One for all: of each name an error of its own takes as much as the rest. */
export const unanswered = new Error("the registry has not answered yet");
