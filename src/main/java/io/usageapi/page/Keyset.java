package io.usageapi.page;

import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A list that is read page by page, in an order in which each row has a position of its own.
 *
 * @param name the name of its rows under {@code _embedded}
 * @param owner what chooses the rows, in words: {@code filter}
 * @param binding what its cursors are bound to: the text that chooses the rows, and the order
 * @param position the position of a row
 * @param check throws {@link IllegalArgumentException} for a position of another order
 */
public record Keyset<T>(
    String name,
    String owner,
    Cursor.Binding binding,
    Function<T, Position> position,
    Consumer<Position> check) {}
