package io.github.jconv.algorithm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.jconv.problem.ConvOperation;
import io.github.jconv.problem.ConvProblem;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RequestMemoTest {

    private static final ConvProblem PROBLEM = ConvProblem.parse("n2c3h5w6k4r3s2");

    @Test
    void asksOncePerRequestAndTellsRequestsApart() {
        List<ConvRequest> asked = new ArrayList<>();
        RequestMemo<String> memo = new RequestMemo<>(request -> {
            asked.add(request);
            return request.toString();
        });
        ConvRequest changing = ConvRequest.fp32(PROBLEM, ConvOperation.FORWARD);
        List<ConvRequest> requests = List.of(changing, changing.withConstantFilters(), changing.with(ConvOperation.BACKWARD_DATA),
                changing.with(PROBLEM.withBatch(3)));
        List<String> first = requests.stream().map(memo::of).toList();
        for (int i = 0; i < requests.size(); i++) {
            ConvRequest equal = new ConvRequest(ConvProblem.parse(requests.get(i).problem().toString()), requests.get(i).operation(),
                    requests.get(i).dataType(), requests.get(i).layout(), requests.get(i).filters());
            assertSame(first.get(i), memo.of(equal));
            assertEquals(requests.get(i).toString(), first.get(i));
        }
        assertEquals(requests, asked);
    }

    @Test
    void forgetsTheOldestWhereThereAreMany() {
        List<ConvRequest> asked = new ArrayList<>();
        RequestMemo<Long> memo = new RequestMemo<>(request -> {
            asked.add(request);
            return request.problem().batch();
        });
        for (int round = 0; round < 2; round++) {
            for (long batch = 1; batch <= 100; batch++) {
                assertEquals(batch, memo.of(ConvRequest.fp32(PROBLEM.withBatch(batch), ConvOperation.FORWARD)));
            }
        }
        assertEquals(200, asked.size());
    }

    @Test
    void remembersNullToo() {
        List<ConvRequest> asked = new ArrayList<>();
        RequestMemo<String> memo = new RequestMemo<>(request -> {
            asked.add(request);
            return null;
        });
        ConvRequest request = ConvRequest.fp32(PROBLEM, ConvOperation.FORWARD);
        assertEquals(null, memo.of(request));
        assertEquals(null, memo.of(request));
        assertEquals(1, asked.size());
    }
}
