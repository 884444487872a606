package io.usageapi.explorer;

import java.util.List;

/** Provides sign-ins for the explorer. Without a provider it offers none. */
public interface SignInProvider {
  /** The sign-ins, in display order. */
  List<SignIn> offered();
}
