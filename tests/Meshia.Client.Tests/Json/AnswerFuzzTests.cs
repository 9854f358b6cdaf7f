using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using NodeObject = System.Text.Json.Nodes.JsonObject;

namespace Meshia.Client.Tests;

/// <summary>
/// Answers that were changed at random, from a seed: whatever comes, it is read, or refused with an error that names it; and
/// what was in the answer is in the object, in a warning or in an error. <c>MESHIA_FUZZ_ANSWERS=100000</c> runs longer.
/// </summary>
public class AnswerFuzzTests
{
    private const int UsualAnswers = 3000;

    private static readonly string[] _odd =
    [
        "null", "true", "\"\"", "\"m80\"", "-1", "1e999", "18446744073709551615", "0.1234567890123456789", "[]", "{}", "[\"m81\"]", "{\"m\":\"m82\"}", "[[[\"m83\"]]]", "[{\"name\":\"m84\",\"value\":70009}]", "\"2025-13-45\"",
    ];

    [Fact]
    public async Task No_answer_is_lost_without_a_word()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("MESHIA_FUZZ_ANSWERS"), NumberStyles.Integer, CultureInfo.InvariantCulture, out var wanted) ? wanted : UsualAnswers;
        var random = new Random(20261126);
        byte[] body = [];
        var key = TestClient.NewKey();
        await using var service = await ScriptedService.StartAsync(async (_, context) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(body);
        });
        var (read, refused) = (0, 0);
        for (var number = 0; number < count; number++)
        {
            var endpoint = AnswerForm.All[number % AnswerForm.All.Count];
            var items = Enumerable.Range(0, endpoint.List is null ? 1 : 3).Select(_ => (JsonNode?)endpoint.NewItem()).ToArray();
            for (var place = 1; place < items.Length; place++)
                items[place]!["id"] = $"other_m{place}";
            var changes = random.Next(1, 4);
            for (var change = 0; change < changes; change++)
                Mutate(items[random.Next(items.Length)]!.AsObject(), random);
            var json = endpoint.List is null ? items[0]!.ToJsonString() : $$"""{"{{endpoint.List}}":[{{string.Join(',', items.Select(item => item!.ToJsonString()))}}]}""";
            var isWhole = random.Next(4) > 0;
            body = isWhole ? Encoding.UTF8.GetBytes(json) : Damage(Encoding.UTF8.GetBytes(json), random);
            var words = new List<string>();
            List<object?> things = [];
            // A client of its own: a warning comes once for each.
            using var client = TestClient.For(service.BaseUri, key: key, maxRetries: 0, requestsPerMinute: 10_000_000);
            try
            {
                things = await endpoint.ReadAsync(client, new() { Observer = message => words.Add(message.Text), ItemFailed = failure => words.Add(failure.Message) });
                read++;
            }
            catch (MeshiaException failure)
            {
                words.Add(failure.Message);
                refused++;
            }
            catch (Exception unexpected)
            {
                Assert.Fail($"Answer {number} of {endpoint.Name} threw {unexpected}\n{json}");
            }

            // A stop that the status confirms needs no session in its answer.
            if (!isWhole || things.Contains(null) || words.Exists(word => !word.Contains(" answered 200 in ", StringComparison.Ordinal)))
                continue;
            var dump = AnswerForm.Dump(things);
            var lost = items.SelectMany(AnswerForm.Marks).Where(mark => !dump.Contains(mark) && !dump.Any(text => text.Contains(mark, StringComparison.Ordinal))).ToList();
            Assert.True(lost.Count == 0, $"Answer {number} of {endpoint.Name} lost {string.Join(", ", lost)} without a word:\n{json}");
        }

        Assert.InRange(read, count / 4, count);
        Assert.InRange(refused, 1, count);
    }

    private static void Mutate(NodeObject item, Random random)
    {
        if (item.Count == 0)
            return;
        var (name, value) = item.ElementAt(random.Next(item.Count));
        switch (random.Next(6))
        {
            case 0:
                item.Remove(name);
                break;
            case 1:
                item[name] = JsonNode.Parse(_odd[random.Next(_odd.Length)]);
                break;
            case 2:
                item.Remove(name);
                item[random.Next(2) == 0 ? name.ToUpperInvariant() : $"x_{name}"] = value?.DeepClone();
                break;
            case 3:
                item[name] = new JsonArray(value?.DeepClone());
                break;
            case 4:
                item[name] = new NodeObject { [random.Next(3) == 0 ? "" : "value"] = value?.DeepClone() };
                break;
            default:
                if (value is NodeObject { Count: > 0 } inner)
                    Mutate(inner, random);
                else
                    item[$"new{random.Next(3)}"] = JsonNode.Parse(_odd[random.Next(_odd.Length)]);
                break;
        }
    }

    private static byte[] Damage(byte[] bytes, Random random)
    {
        var (start, length) = (random.Next(bytes.Length), random.Next(1, 8));
        var piece = new byte[length];
        random.NextBytes(piece);
        return random.Next(4) switch
        {
            0 => bytes[..start],
            1 => [.. bytes[..start], .. bytes[Math.Min(bytes.Length, start + length)..]],
            2 => [.. bytes[..start], .. piece, .. bytes[start..]],
            _ => [.. bytes[..start], .. bytes[start..], .. bytes[start..]],
        };
    }
}
