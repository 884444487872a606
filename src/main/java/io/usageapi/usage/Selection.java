package io.usageapi.usage;

import io.usageapi.security.OrganizationId;
import java.util.Map;

/** The rows a request asks for, checked. A page holds some of them, an export all. */
public interface Selection {
  /** The organization whose rows they are. */
  OrganizationId organization();

  /** The filter. */
  UsageFilter filter();

  /** The parameters that choose and order the rows, as sent. */
  Map<String, String> given();
}
