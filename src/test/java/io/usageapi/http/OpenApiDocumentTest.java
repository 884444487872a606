package io.usageapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.usageapi.fixture.Api;
import io.usageapi.fixture.Document;
import io.usageapi.fixture.Tokens;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The OpenAPI document is kept by hand, and the code is held to it: each route, scope, media type
 * and parameter of the one is in the other. Every response of every test is held against it beside
 * that.
 */
@QuarkusTest
class OpenApiDocumentTest {
  private static final Pattern SCOPE = Pattern.compile("Scope: `([a-z:-]+)`");
  private static final String FOCUS = "text/csv; profile=focus";
  private static final Set<String> HAL = Set.of("_links", "_embedded");

  /** What a method of the code, or several for one route, and an operation of the document say. */
  private record Route(
      Set<String> scopes, Set<String> requests, Set<String> responses, String name) {}

  @Test
  void the_server_serves_the_document_as_it_is_kept() throws IOException {
    assertThat(served()).isEqualTo(Document.root());
  }

  @Test
  void every_route_with_its_scope_and_media_types_is_in_both() {
    assertThat(documented()).isEqualTo(inTheCode());
  }

  @Test
  void every_parameter_is_in_both() {
    Set<String> all =
        Document.operations()
            .flatMap(operation -> parameters(operation.described()).stream())
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> wrong = new ArrayList<>();

    Document.operations()
        .forEach(
            operation -> {
              Set<String> documented = parameters(operation.described());
              Map<String, String> errors = errors(operation.name(), all);
              for (String name : all) {
                boolean known = !"is not a parameter of this resource".equals(errors.get(name));
                if (known != documented.contains(name)) {
                  wrong.add(operation.name() + " " + name);
                }
              }
            });

    assertThat(wrong).isEmpty();
  }

  @Test
  void every_operation_parameter_and_field_is_described() {
    List<String> undescribed = new ArrayList<>();

    Document.operations()
        .forEach(
            operation -> {
              require(operation.described(), operation.name(), undescribed);
              operation
                  .described()
                  .path("parameters")
                  .forEach(
                      parameter ->
                          require(
                              Document.resolved(parameter),
                              operation.name() + " " + parameter,
                              undescribed));
              assertThat(operation.described().path("operationId").asText()).isNotEmpty();
              assertThat(operation.described().path("responses").properties())
                  .extracting(Map.Entry::getKey)
                  .contains("400", "406", "500", "503")
                  .matches(
                      statuses ->
                          operation.isPublic()
                              || statuses.containsAll(List.of("401", "403", "429")));
            });
    fields((name, field) -> require(field, name, undescribed));

    assertThat(undescribed).isEmpty();
  }

  @Test
  void names_are_in_snake_case() {
    fields(
        (name, field) -> {
          String plain = name.substring(name.indexOf('.') + 1);
          assertThat(HAL.contains(plain) ? "x" : plain).matches("[a-z][a-z_]*");
        });
  }

  @Test
  void every_field_that_is_a_value_has_an_example() {
    List<String> without = new ArrayList<>();

    fields(
        (name, field) -> {
          boolean holder =
              field.has("items") || field.path("$ref").asText().matches(".*(Link|Links|Embedded)");
          if (!holder && !field.has("examples")) {
            without.add(name);
          }
        });

    assertThat(without).isEmpty();
  }

  private static JsonNode served() throws IOException {
    return new ObjectMapper().readTree(Api.anonymous().get("/q/openapi?format=json").asString());
  }

  private static Map<String, Route> documented() {
    Map<String, Route> routes = new TreeMap<>();
    Document.operations()
        .forEach(
            operation -> {
              JsonNode described = operation.described();
              Set<String> responses = new TreeSet<>();
              for (String status : List.of("200", "201")) {
                Document.resolved(described.path("responses").path(status))
                    .path("content")
                    .fieldNames()
                    .forEachRemaining(responses::add);
              }
              Matcher scope = SCOPE.matcher(described.path("description").asText());
              routes.put(
                  operation.name(),
                  new Route(
                      scope.find() ? Set.of(scope.group(1)) : Set.of(),
                      types(described.path("requestBody")),
                      responses,
                      operation.name()));
            });
    return routes;
  }

  /** The media types of a body, without parameters. */
  private static Set<String> types(JsonNode body) {
    return Document.resolved(body).path("content").properties().stream()
        .map(type -> type.getKey().replaceFirst(";.*", ""))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Map<String, Route> inTheCode() {
    Map<String, Route> routes = new TreeMap<>();
    for (JavaClass each :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.usageapi")) {
      if (!each.isAnnotatedWith(Path.class)) {
        continue;
      }
      Class<?> resource = each.reflect();
      String base = resource.getAnnotation(Path.class).value();
      for (Method method : resource.getDeclaredMethods()) {
        verb(method)
            .filter(verb -> base.startsWith("/express"))
            .forEach(verb -> add(routes, verb + " " + base + path(method), method));
      }
    }
    return routes;
  }

  private static void add(Map<String, Route> routes, String name, Method method) {
    Route route =
        routes.computeIfAbsent(
            name, key -> new Route(new TreeSet<>(), new TreeSet<>(), new TreeSet<>(), key));
    route.scopes().addAll(values(method, RolesAllowed.class, RolesAllowed::value));
    route.requests().addAll(values(method, Consumes.class, Consumes::value));
    // What takes any type refuses it with a sentence of its own.
    route.requests().remove(MediaType.WILDCARD);
    values(method, Produces.class, Produces::value)
        .forEach(type -> route.responses().add(type.equals(MediaTypes.FOCUS) ? FOCUS : type));
  }

  private static <A extends Annotation> List<String> values(
      Method method, Class<A> type, Function<A, String[]> value) {
    A annotation = method.getAnnotation(type);
    return annotation == null ? List.of() : Arrays.asList(value.apply(annotation));
  }

  private static Stream<String> verb(Method method) {
    return Stream.of(method.getAnnotations())
        .map(annotation -> annotation.annotationType().getAnnotation(HttpMethod.class))
        .filter(verb -> verb != null)
        .map(HttpMethod::value);
  }

  private static String path(Method method) {
    Path path = method.getAnnotation(Path.class);
    return path == null ? "" : path.value();
  }

  private static Set<String> parameters(JsonNode operation) {
    Set<String> names = new TreeSet<>();
    operation
        .path("parameters")
        .forEach(
            declared -> {
              JsonNode parameter = Document.resolved(declared);
              if (parameter.path("in").asText().equals("query")) {
                names.add(parameter.path("name").asText());
              }
            });
    return names;
  }

  /** What the server says of each parameter that is given without a value. */
  private static Map<String, String> errors(String operation, Set<String> names) {
    String[] parts = operation.split(" ", -1);
    String address = parts[1].replaceAll("\\{[a-z_]+}", "x") + "?" + String.join("=&", names) + "=";
    Response response =
        Api.as(Tokens.granting(Tokens.ALL_SCOPES, "anybody"))
            .contentType("application/json")
            .urlEncodingEnabled(false)
            .request(parts[0], address);
    assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
    Map<String, String> errors = new TreeMap<>();
    response
        .jsonPath()
        .<Map<String, String>>getList("fields")
        .forEach(field -> errors.put(field.get("name"), field.get("description")));
    return errors;
  }

  private static void fields(BiConsumer<String, JsonNode> each) {
    Document.root()
        .path("components")
        .path("schemas")
        .properties()
        .forEach(
            schema ->
                schema
                    .getValue()
                    .path("properties")
                    .properties()
                    .forEach(
                        field ->
                            each.accept(schema.getKey() + "." + field.getKey(), field.getValue())));
  }

  private static void require(JsonNode node, String name, List<String> undescribed) {
    if (node.path("description").asText().isEmpty()) {
      undescribed.add(name);
    }
  }
}
