package io.github.jconv.algorithm;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What follows from a request, for the last few requests: an algorithm is asked several questions about each, whose answers all come
 * from one plan, and the plan is what takes time. Safe in several threads.
 *
 * @param <T> what follows; immutable
 */
public final class RequestMemo<T> {

    /** With changing and with constant filters; and of a request that goes through converted copies, its block and its rest. */
    private static final int REQUESTS = 4;

    private record Entry<T>(ConvRequest request, T result) {
    }

    private final Function<ConvRequest, T> function;
    private volatile List<Entry<T>> newestFirst = List.of();

    /** @param function of the request alone */
    public RequestMemo(Function<ConvRequest, T> function) {
        this.function = function;
    }

    /** What follows from the request. */
    public T of(ConvRequest request) {
        List<Entry<T>> known = newestFirst;
        for (int i = 0; i < known.size(); i++) {
            if (known.get(i).request.equals(request)) {
                return known.get(i).result;
            }
        }
        T result = function.apply(request);
        newestFirst = Stream.concat(Stream.of(new Entry<>(request, result)), known.stream()).limit(REQUESTS).toList();
        return result;
    }
}
