package io.usageapi.aggregate;

/** What was used. */
public enum UsageType {
  AMD,
  API_REQUEST,
  CALL,
  CALL_SERVICE,
  CREDIT_COMMIT,
  DIALER,
  MESSAGE,
  NUMBER,
  PRODUCT_SERVICE,
  RECHARGE,
  SPEECH_TRANSCRIPTION,
  VOICEMAIL_TRANSCRIPTION,
  OTHER;

  /** Whether it pays for usage instead of being usage. Totals never add the two. */
  public boolean isTopUp() {
    return this == CREDIT_COMMIT || this == RECHARGE;
  }
}
