/** Code that is here only because a framework forces it: docs/upstream.md says for how long. */
package io.usageapi.workaround;
