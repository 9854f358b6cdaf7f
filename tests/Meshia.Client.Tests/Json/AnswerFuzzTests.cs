using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodeObject = System.Text.Json.Nodes.JsonObject;

namespace Meshia.Client.Tests;

/// <summary>
/// Answers that are changed at random, from a seed. Whatever comes, it is read, or refused with an error that names what is wrong. What
/// was in the answer is in the object: in a property, or in what it keeps. <c>MESHIA_FUZZ_ANSWERS=100000</c> runs longer, and
/// <c>MESHIA_FUZZ_SEED</c> runs others.
/// </summary>
public class AnswerFuzzTests
{
    private const int UsualAnswers = 3000;
    private const int UsualSeed = 20261126;

    private static readonly string[] _wrappers = ["data", "result", "results", "payload", "response"];

    /// <summary>Values that make no sense somewhere. The mark is different each time, so that a loss is seen.</summary>
    private static readonly Func<int, string>[] _odd =
    [
        _ => "null", _ => "true", _ => "false", _ => "\"\"", _ => "\" \"", _ => "[]", _ => "{}", _ => "[null]", _ => "0", _ => "-0.0", _ => "\"2025-13-45\"", _ => "\"1,5\"", _ => "\"0x10\"", _ => "\"NaN\"", _ => "\"Infinity\"", _ => "\"true\"",
        mark => $"\"m8_{mark}\"", mark => $"-{mark}", mark => $"{mark}.125", mark => $"{mark}e400", mark => $"{mark}e-400", mark => $"18446744073709551{mark:000000}", mark => $"0.12345678901234567890123456{mark}", mark => $"1748{mark:000000}", mark => $"1748{mark:000000}123", mark => $"\"1748{mark:000000}\"", mark => $"1748{mark:000000}.123456",
        mark => $"\"{mark}\"", mark => $"\"{mark}.50\"", mark => $"\"{mark},5\"", mark => $"[\"m8_{mark}\"]", mark => $"[{mark},null,\"m8_{mark}\"]", mark => $$"""{"zz{{mark}}":"m8_{{mark}}"}""", mark => $$"""{"value":"m8_{{mark}}"}""", mark => $$"""{"message":"m8_{{mark}}"}""", mark => $$"""{"message":"m8_{{mark}}","zz{{mark}}":{{mark}}.5}""",
        mark => $"[[[\"m8_{mark}\"]]]", mark => $$"""[{"name":"m8_{{mark}}","value":{{mark}}.75}]""", mark => $$"""[{"name":"m8_{{mark}}","value":{{mark}}.75},{"name":"m8_{{mark}}","value":{{mark}}.25,"zzstep":1}]""", mark => $$"""[{"name":"m8_{{mark}}","value":1},{"value":{{mark}}}]""", mark => $$"""{"m8_{{mark}}":false}""", mark => $$"""{"m8_{{mark}}":true,"zz{{mark}}":false}""",
        mark => $"\"2025-06-01T12:00:00.{mark:000000}123Z\"", mark => $"\"2025-06-01T12:00:00.{mark:000000}+0530\"", mark => $"\"2025-06-01 12:00:00.{mark:000000}\"", mark => $"\"12:00:00.{mark:000000}\"", mark => $"\"{mark % 12 + 1}.5\"",
    ];

    [Fact]
    [Trait("Contract", "unknown-fields")]
    public async Task No_answer_is_lost_without_a_word()
    {
        var count = FromEnvironment("MESHIA_FUZZ_ANSWERS", UsualAnswers);
        var random = new Random(FromEnvironment("MESHIA_FUZZ_SEED", UsualSeed));
        byte[] body = [];
        var key = TestClient.NewKey();
        await using var service = await ScriptedService.StartAsync(async (_, context) =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.Body.WriteAsync(body);
        });
        var (read, refused, checkedItems) = (0, 0, 0);
        var faults = new List<string>();
        for (var number = 0; number < count && faults.Count < 20; number++)
        {
            var endpoint = AnswerForm.Readers[number % AnswerForm.Readers.Count];
            var answer = new FuzzedAnswer(endpoint, random, number);
            body = answer.Body;
            var (warnings, errors) = (new List<string>(), new List<string>());
            List<object?> things = [];
            // A client of its own: a warning comes once for each.
            using var client = TestClient.For(service.BaseUri, key: key, maxRetries: 0, requestsPerMinute: 10_000_000);
            try
            {
                things = await endpoint.ReadAsync(client, new() { Observer = message => Hear(message, warnings), ItemFailed = failure => errors.Add(failure.Message) });
                read++;
            }
            catch (Exception failure) when (failure is MeshiaException or FormatException)
            {
                errors.Add(failure.Message);
                refused++;
            }
            catch (Exception unexpected)
            {
                faults.Add($"Answer {number} of {endpoint.Name} threw {unexpected}\n{Encoding.UTF8.GetString(body)}");
                continue;
            }

            if (!answer.IsWhole)
                continue;
            checkedItems += answer.Items.Count;
            faults.AddRange(answer.Check(things, warnings, errors).Select(fault => $"Answer {number} of {endpoint.Name} {fault}:\n{Encoding.UTF8.GetString(body)}\nread: {things.Count}; warnings: {string.Join(" / ", warnings)}; errors: {string.Join(" / ", errors)}"));
        }

        Assert.True(faults.Count == 0, string.Join("\n\n", faults));
        Assert.InRange(read, count / 2, count);
        Assert.InRange(refused, 1, count);
        Assert.InRange(checkedItems, count / 2, int.MaxValue);
        TestContext.Current.TestOutputHelper?.WriteLine($"{count} answers: {read} read, {refused} refused, {checkedItems} items compared value by value, 0 lost.");
    }

    private static int FromEnvironment(string name, int usual) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var wanted) ? wanted : usual;

    private static void Hear(ClientMessage message, List<string> warnings)
    {
        if (message.Level == ClientMessageLevel.Warning)
            warnings.Add(message.Text);
    }

    /// <summary>An answer that was changed, and what may become of it.</summary>
    private sealed class FuzzedAnswer
    {
        private readonly AnswerForm _endpoint;
        private readonly Random _random;
        private int _mark;

        public FuzzedAnswer(AnswerForm endpoint, Random random, int number)
        {
            (_endpoint, _random, _mark) = (endpoint, random, 1 + (number * 37 % 90_000));
            Items = [.. Enumerable.Range(0, endpoint.List is null ? 1 : 3).Select(_ => endpoint.NewItem())];
            for (var place = 1; place < Items.Count; place++)
                Items[place]["id"] = $"other_m{place}";
            for (var changes = random.Next(1, 5); changes > 0; changes--)
                Mutate(Items[random.Next(Items.Count)]);
            var texts = Items.Select(item => item.ToJsonString()).ToList();
            if (random.Next(6) == 0 && Items[0].Count > 0)
                texts[0] = Doubled(Items[0]);
            var json = Wrap(texts);
            IsWhole = random.Next(5) > 0;
            Body = IsWhole ? Encoding.UTF8.GetBytes(json) : Damage(Encoding.UTF8.GetBytes(json));
        }

        public List<NodeObject> Items { get; }

        public byte[] Body { get; }

        public bool IsWhole { get; }

        /// <summary>A value that stands before another of the same name.</summary>
        private (string Name, string Value)? Double { get; set; }

        /// <summary>What is wrong with what was read.</summary>
        public IEnumerable<string> Check(List<object?> things, List<string> warnings, List<string> errors)
        {
            var expected = Items.Where(HasId).ToList();
            // The same id again is the same thing.
            expected = _endpoint.List is null ? expected : [.. expected.DistinctBy(IdOf)];
            if (things.Count(thing => thing is not null) != expected.Count)
                yield return $"gave {things.Count} of {expected.Count} items";
            // A stop that the status confirms needs no session in its answer.
            var isTold = errors.Count > 0 || things.Contains(null);
            if (expected.Count < Items.Count && !isTold && Items.Where(HasId).Count() < Items.Count)
                yield return "left out an item without an error";
            if (expected.Count == Items.Count && errors.Count > 0)
                yield return "has an error, and every item has an id";
            foreach (var (item, thing) in expected.Zip(things.Where(thing => thing is not null)))
            {
                var all = new JsonArray(item.DeepClone());
                if (item == Items[0] && Double is { } twice && JsonNode.Parse(twice.Value) is { } first && !JsonNode.DeepEquals(first, item[twice.Name]))
                    all.Add(first);
                var lost = AnswerLeaves.Lost(all, AnswerLeaves.Held(thing)).ToList();
                // A negative size is an unknown one, by the contract.
                lost.RemoveAll(leaf => leaf.Contains("].size_bytes (number -", StringComparison.OrdinalIgnoreCase));
                if (lost.Count > 0)
                    yield return $"lost {string.Join(", ", lost)}";
                foreach (var name in _endpoint.IsBare ? [] : Unread(thing!).Where(name => !warnings.Exists(warning => warning.Contains(name, StringComparison.Ordinal))))
                    yield return $"could not read {name}, and no warning names it";
            }
        }

        /// <summary>The fields of the contract that were there, and could not be read.</summary>
        private IEnumerable<string> Unread(object thing)
        {
            var rest = (IDictionary<string, object?>)thing.GetType().GetProperty("AdditionalProperties")!.GetValue(thing)!;
            // Of an error and of events it keeps what they say beyond the text; a cost is not in the contract.
            return _endpoint.NewItem().Select(pair => pair.Key).Where(name => name is not ("error" or "events" or "cost") && rest.Keys.Contains(name, StringComparer.OrdinalIgnoreCase));
        }

        private bool HasId(NodeObject item) => _endpoint.IdName.Length == 0 || IdOf(item) is { Length: > 0 } && !(item == Items[0] && string.Equals(Double?.Name, _endpoint.IdName, StringComparison.OrdinalIgnoreCase) && _endpoint.IdName == "id" && !JsonNode.DeepEquals(JsonNode.Parse(Double!.Value.Value), item[Double.Value.Name]));

        /// <summary>The id by the contract: a text that is not blank, or a whole number.</summary>
        private string? IdOf(NodeObject item)
        {
            var name = item.ContainsKey(_endpoint.IdName) ? _endpoint.IdName : item.Select(pair => pair.Key).FirstOrDefault(name => string.Equals(name, _endpoint.IdName, StringComparison.OrdinalIgnoreCase));
            if (name is null || item[name] is not { } value)
                return null;
            return value.GetValueKind() switch
            {
                JsonValueKind.String => value.GetValue<string>().Trim(),
                // A number that no type holds is its text.
                JsonValueKind.Number when value.ToJsonString() is var number && (number.Contains("e400", StringComparison.Ordinal) || number.Contains("e-400", StringComparison.Ordinal) || number.Length > 28) => number,
                JsonValueKind.Number when value.ToJsonString() is var number && _endpoint.IdName == "id" && number.All(letter => letter is '-' or (>= '0' and <= '9')) => number,
                _ => null,
            };
        }

        private string Doubled(NodeObject item)
        {
            var name = item.ElementAt(_random.Next(item.Count)).Key;
            Double = (name, Odd());
            return $"{{{JsonSerializer.Serialize(name)}:{Double.Value.Value},{item.ToJsonString()[1..]}";
        }

        private string Wrap(List<string> items)
        {
            var form = _endpoint.IsBare ? 0 : _random.Next(6);
            if (_endpoint.List is not { } list)
            {
                return form switch
                {
                    4 when HasIdField(Items[0]) => $$"""{"{{_wrappers[_random.Next(_wrappers.Length)]}}":{{items[0]}}}""",
                    5 when HasIdField(Items[0]) => $"[{items[0]}]",
                    _ => items[0],
                };
            }

            var all = string.Join(',', items);
            return form switch
            {
                3 => $"[{all}]",
                4 => $$"""{"{{_wrappers[_random.Next(_wrappers.Length)]}}":[{{all}}]}""",
                5 => $$"""{"data":{"{{list}}":[{{all}}],"total":{{items.Count}}},"zz":1}""",
                _ => $$"""{"{{list}}":[{{all}}]}""",
            };
        }

        private bool HasIdField(NodeObject item) => item.Any(pair => string.Equals(pair.Key, _endpoint.IdName, StringComparison.OrdinalIgnoreCase));

        private string Odd() => _odd[_random.Next(_odd.Length)](_mark++);

        private void Mutate(NodeObject item)
        {
            if (item.Count == 0)
                return;
            var (name, value) = item.ElementAt(_random.Next(item.Count));
            switch (_random.Next(7))
            {
                case 0:
                    item.Remove(name);
                    break;
                case 1 or 2:
                    item[name] = JsonNode.Parse(Odd());
                    break;
                case 3:
                    item.Remove(name);
                    item[_random.Next(2) == 0 ? name.ToUpperInvariant() : $"zz{name}"] = value?.DeepClone();
                    break;
                case 4:
                    item[name] = new JsonArray(value?.DeepClone());
                    break;
                case 5:
                    item[name] = new NodeObject { [_random.Next(3) == 0 ? "" : "value"] = value?.DeepClone() };
                    break;
                default:
                    if (value is NodeObject { Count: > 0 } inner)
                        Mutate(inner);
                    else
                        item[$"zz{_mark}"] = JsonNode.Parse(Odd());
                    break;
            }
        }

        private byte[] Damage(byte[] bytes)
        {
            var (start, length) = (_random.Next(bytes.Length), _random.Next(1, 8));
            var piece = new byte[length];
            _random.NextBytes(piece);
            return _random.Next(4) switch
            {
                0 => bytes[..start],
                1 => [.. bytes[..start], .. bytes[Math.Min(bytes.Length, start + length)..]],
                2 => [.. bytes[..start], .. piece, .. bytes[start..]],
                _ => [.. bytes[..start], .. bytes[start..], .. bytes[start..]],
            };
        }
    }
}
