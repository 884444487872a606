package io.usageapi.account;

import com.fasterxml.jackson.core.io.SerializedString;
import io.usageapi.json.JsonFields;

/** An account as callers see it. */
public record AccountView(String id, String name, String companyName, AccountStatus status)
    implements JsonFields {
  private static final SerializedString ID = new SerializedString("id");
  private static final SerializedString NAME = new SerializedString("name");
  private static final SerializedString COMPANY_NAME = new SerializedString("company_name");
  private static final SerializedString STATUS = new SerializedString("status");

  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    sink.field(ID, id);
    sink.field(NAME, name);
    sink.field(COMPANY_NAME, companyName);
    sink.field(STATUS, status);
  }
}
