package io.usageapi.filter;

/** An invalid filter. The message has the position and what was expected there. */
public final class FilterException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the failure.
   *
   * @param position the first invalid character, counted from 1
   * @param problem what was expected there
   */
  public FilterException(int position, String problem) {
    super("at character " + position + ": " + problem, null, false, false);
  }
}
