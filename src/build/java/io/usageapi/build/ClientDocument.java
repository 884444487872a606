package io.usageapi.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;

/**
 * Derives the OpenAPI document for generators of clients from the document kept by hand. The build
 * runs it. The result is OpenAPI 3.0.3, which every generator reads, and says only what a generated
 * client may rely on: objects in answers are open, and their enumerations are texts.
 */
public final class ClientDocument {
  private static final String JSON = "application/json";
  private static final String SCHEMAS = "#/components/schemas/";

  /** A class of several languages, and its name in clients. */
  private static final String ERROR = "Error";

  private static final String ERROR_BODY = "ErrorBody";
  private static final String ABOUT =
      """
      For generators of clients, derived from the full document at `/q/openapi`. It has JSON only, \
      and no defaults: what you leave out is not sent. Ignore fields and values you do not know: \
      more may be added.

      """;

  /** Where a schema is: objects in answers may get more fields, those in requests may not. */
  private enum Side {
    REQUEST,
    ANSWER
  }

  private final ObjectNode document;
  private final ObjectNode schemas;

  private ClientDocument(ObjectNode full) {
    this.document = full;
    this.schemas = (ObjectNode) full.at("/components/schemas");
  }

  /**
   * Derives one file from another.
   *
   * @param paths the document kept by hand, and the file to write
   */
  public static void main(String[] paths) throws IOException {
    ObjectMapper yaml =
        new ObjectMapper(
            YAMLFactory.builder()
                .disable(
                    YAMLGenerator.Feature.SPLIT_LINES, YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .build());
    JsonNode full = yaml.readTree(Path.of(paths[0]).toFile());
    Path target = Path.of(paths[1]);
    Files.createDirectories(target.getParent());
    yaml.writeValue(target.toFile(), new ClientDocument((ObjectNode) full).derive());
  }

  private ObjectNode derive() {
    document.put("openapi", "3.0.3");
    ObjectNode info = (ObjectNode) document.get("info");
    info.put("description", ABOUT + info.path("description").asText());
    document.path("paths").forEach(path -> each(path, this::operation));
    each(document.at("/components/parameters"), this::parameter);
    each(document.at("/components/responses"), this::answer);
    Set<String> answered = reached(Side.ANSWER);
    each(
        schemas,
        (name, schema) -> {
          boolean open = answered.contains(name) && !schema.has("enum");
          return schema(schema, open ? Side.ANSWER : Side.REQUEST);
        });
    document
        .findParents("$ref")
        .forEach(
            node -> {
              if (node.path("$ref").asText().equals(SCHEMAS + ERROR)) {
                ((ObjectNode) node).put("$ref", SCHEMAS + ERROR_BODY);
              }
            });
    schemas.set(ERROR_BODY, schemas.remove(ERROR));
    ((ObjectNode) document.get("components")).remove("headers");
    while (dropUnused()) {
      // A component that only a dropped one used goes, too.
    }
    return document;
  }

  private JsonNode operation(JsonNode operation) {
    each(operation.path("parameters"), this::parameter);
    JsonNode body = operation.path("requestBody");
    onlyJson(body);
    each(
        body.path("content"),
        type -> {
          if (type.path("example").isObject()) {
            // Its fields have examples; generators warn of this one.
            ((ObjectNode) type).remove("example");
          }
          return inline(type, Side.REQUEST);
        });
    each(operation.path("responses"), this::answer);
    return operation;
  }

  private JsonNode parameter(JsonNode node) {
    if (node.has("$ref")) {
      return node;
    }
    ObjectNode parameter = (ObjectNode) node;
    JsonNode own = parameter.path("schema");
    if (own.has("examples") && !parameter.has("example")) {
      parameter.set("example", own.path("examples").get(0));
    }
    if (own.has("default")) {
      describe(parameter, "Without it `" + own.path("default").asText() + "`.");
    }
    ObjectNode schema = (ObjectNode) schema(own, Side.REQUEST);
    schema.remove("example");
    parameter.set("schema", schema);
    return parameter;
  }

  private JsonNode answer(JsonNode answer) {
    onlyJson(answer);
    each(answer.path("content"), type -> inline(type, Side.ANSWER));
    each(
        answer.path("headers"),
        header -> {
          JsonNode inlined = resolved(header).deepCopy();
          ((ObjectNode) inlined).set("schema", schema(inlined.path("schema"), Side.REQUEST));
          return inlined;
        });
    return answer;
  }

  private JsonNode inline(JsonNode mediaType, Side side) {
    ((ObjectNode) mediaType).set("schema", schema(mediaType.path("schema"), side));
    return mediaType;
  }

  /** Keeps JSON of several media types, or else the first. */
  private static void onlyJson(JsonNode holder) {
    if (holder.path("content").isObject()) {
      ObjectNode content = (ObjectNode) holder.get("content");
      content.retain(content.has(JSON) ? JSON : content.fieldNames().next());
    }
  }

  /** A schema as OpenAPI 3.0 has it. */
  private JsonNode schema(JsonNode full, Side side) {
    ObjectNode schema = full.deepCopy();
    JsonNode reference = schema.has("$ref") ? schema : schema.path("anyOf").path(0);
    if (reference.has("$ref")) {
      JsonNode target = resolved(reference);
      if (side == Side.REQUEST || !target.has("enum")) {
        return document.objectNode().set("$ref", reference.path("$ref"));
      }
      schema.remove(List.of("$ref", "anyOf"));
      if (!schema.has("type")) {
        schema.put("type", "string");
      }
      schema.set("enum", target.path("enum"));
    }
    if (schema.path("type").isArray()) {
      schema.set("type", schema.path("type").get(0));
      schema.put("nullable", true);
    }
    if (schema.has("examples")) {
      schema.set("example", schema.path("examples").get(0));
    }
    if (schema.has("enum")) {
      schema.remove(List.of("minLength", "maxLength", "pattern"));
      if (side == Side.ANSWER) {
        describe(schema, "Today " + words(schema.path("enum")) + "; more may be added.");
        schema.remove("enum");
      }
    }
    schema.remove(List.of("examples", "default", "const"));
    each(schema.path("properties"), property -> schema(property, side));
    if (schema.has("items")) {
      schema.set("items", schema(schema.path("items"), side));
    }
    if (schema.path("type").asText().equals("object") && side == Side.ANSWER) {
      schema.put("additionalProperties", true);
    }
    return schema;
  }

  private static String words(JsonNode values) {
    List<String> quoted = new ArrayList<>();
    values.forEach(value -> quoted.add("`" + value.asText() + "`"));
    return String.join(", ", quoted);
  }

  private static void describe(ObjectNode node, String sentence) {
    String before = node.path("description").asText();
    node.put("description", before.isEmpty() ? sentence : before + " " + sentence);
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? document.at(node.path("$ref").asText().substring(1)) : node;
  }

  /** The names of the schemas that requests or answers are made of. */
  private Set<String> reached(Side side) {
    Deque<JsonNode> next = new ArrayDeque<>();
    List<JsonNode> operations = new ArrayList<>();
    document.path("paths").forEach(path -> path.forEach(operations::add));
    operations.forEach(
        each -> next.add(each.path(side == Side.ANSWER ? "responses" : "requestBody")));
    if (side == Side.ANSWER) {
      next.add(document.at("/components/responses"));
    }
    Set<String> names = new TreeSet<>();
    while (!next.isEmpty()) {
      for (JsonNode reference : next.remove().findValues("$ref")) {
        String name = reference.asText();
        if (name.startsWith(SCHEMAS) && names.add(name.substring(SCHEMAS.length()))) {
          next.add(document.at(name.substring(1)));
        }
      }
    }
    return names;
  }

  private boolean dropUnused() {
    Set<String> used = new TreeSet<>();
    document.findValues("$ref").forEach(reference -> used.add(reference.asText()));
    boolean dropped = false;
    for (String kind : List.of("schemas", "parameters", "responses")) {
      ObjectNode components = (ObjectNode) document.path("components").path(kind);
      List<String> kept = new ArrayList<>();
      components
          .fieldNames()
          .forEachRemaining(
              name -> {
                if (used.contains("#/components/" + kind + "/" + name)) {
                  kept.add(name);
                }
              });
      dropped |= kept.size() < components.size();
      components.retain(kept);
    }
    return dropped;
  }

  private interface Replacement {
    JsonNode of(String name, JsonNode node);
  }

  private static void each(JsonNode holder, UnaryOperator<JsonNode> replace) {
    each(holder, (name, node) -> replace.apply(node));
  }

  /** Replaces every member of an object or an array. */
  private static void each(JsonNode holder, Replacement replace) {
    if (holder instanceof ObjectNode object) {
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        member.setValue(replace.of(member.getKey(), member.getValue()));
      }
    } else if (holder instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        array.set(i, replace.of("", array.get(i)));
      }
    }
  }
}
