package io.usageapi.page;

import com.fasterxml.jackson.core.io.SerializedString;
import io.usageapi.http.Link;
import io.usageapi.json.JsonFields;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * A resource of HAL: an object with links of its own, which come last.
 *
 * @param object the object
 * @param links the links by their relation, which are written in alphabetical order
 */
public record Linked(JsonFields object, Map<String, Link> links) implements JsonFields {
  private static final SerializedString LINKS = new SerializedString("_links");

  public Linked {
    // The order of a Map.of differs in each process.
    links = Collections.unmodifiableMap(new TreeMap<>(links));
  }

  @Override
  public <E extends Exception> void fields(Sink<E> sink) throws E {
    object.fields(sink);
    sink.field(LINKS, links);
  }
}
