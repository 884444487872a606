package io.usageapi.explorer;

import java.util.List;

/**
 * What the explorer's page offers to sign in by, beside a token of one's own. Where there is none
 * of these it offers nothing.
 */
public interface SignIns {
  /** The ways, in the order in which they are offered. */
  List<SignIn> offered();
}
