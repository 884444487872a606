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
  OTHER
}
