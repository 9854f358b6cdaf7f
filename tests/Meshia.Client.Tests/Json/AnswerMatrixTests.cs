using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NodeObject = System.Text.Json.Nodes.JsonObject;

namespace Meshia.Client.Tests;

/// <summary>Every endpoint in every form that the contract accepts: nothing is read wrongly, and nothing is lost without a word.</summary>
public class AnswerMatrixTests
{
    /// <summary>What can happen to the fields of an object.</summary>
    private static readonly (string Name, Func<NodeObject, NodeObject> Change)[] _fields =
    [
        ("as it is", item => item),
        ("camel case", item => Renamed(item, name => Regex.Replace(name, "_(.)", match => match.Groups[1].Value.ToUpperInvariant()))),
        ("Pascal case", item => Renamed(item, name => string.Concat(name.Split('_').Select(part => char.ToUpperInvariant(part[0]) + part[1..])))),
        ("upper case", item => Renamed(item, name => name.ToUpperInvariant())),
        ("hyphens", item => Renamed(item, name => name.Replace('_', '-'))),
        ("numbers as text", item => Changed(item, value => value.GetValueKind() == System.Text.Json.JsonValueKind.Number ? value.ToJsonString() : value.DeepClone())),
        ("unknown fields", item => Changed(item, value => value.DeepClone(), ("zz_new", "m90"))),
        ("state in upper case", item => Changed(item, value => value.ToString() is "running" or "completed" ? value.ToString().ToUpperInvariant() : value.DeepClone())),
    ];

    private static readonly (string Name, Func<NodeObject, string, string> Wrap)[] _objects =
    [
        ("bare", (item, _) => item.ToJsonString()),
        ("own name", (item, name) => $$"""{"{{name}}":{{item.ToJsonString()}}}"""),
        ("data", (item, _) => $$"""{"data":{{item.ToJsonString()}}}"""),
        ("result", (item, _) => $$"""{"success":true,"result":{{item.ToJsonString()}}}"""),
        ("data.own name", (item, name) => $$"""{"data":{"{{name}}":{{item.ToJsonString()}} } }"""),
        ("array of one", (item, _) => $"[{item.ToJsonString()}]"),
        ("byte order mark", (item, _) => $"\uFEFF{item.ToJsonString()}"),
    ];

    private static readonly (string Name, Func<NodeObject, string, string> Wrap)[] _lists =
    [
        ("bare", (item, _) => $"[{item.ToJsonString()}]"),
        ("own name", (item, name) => $$"""{"{{name}}":[{{item.ToJsonString()}}]}"""),
        .. new[] { "data", "items", "results", "result", "list", "records" }.Select(wrapper => (wrapper, (Func<NodeObject, string, string>)((item, _) => $$"""{"{{wrapper}}":[{{item.ToJsonString()}}],"total":1}"""))),
        ("data.own name", (item, name) => $$"""{"success":true,"data":{"{{name}}":[{{item.ToJsonString()}}]} }"""),
        ("_embedded", (item, name) => $$"""{"_embedded":{"{{name}}":[{{item.ToJsonString()}}]},"page":{"totalElements":1} }"""),
        ("unknown name", (item, _) => $$"""{"things":[{{item.ToJsonString()}}]}"""),
    ];

    [Fact]
    public async Task Every_endpoint_reads_every_form()
    {
        var body = "";
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok(body));
        var (client, messages) = service.HeardClient();
        var (lines, wrong) = (0, new List<string>());
        foreach (var endpoint in AnswerForm.All)
        {
            foreach (var (fields, change) in _fields)
            {
                foreach (var (form, wrap) in endpoint.List is null ? _objects : _lists)
                {
                    lines++;
                    messages.Clear();
                    var item = change(endpoint.NewItem());
                    body = wrap(item, endpoint.List ?? endpoint.Wrapper!);
                    var expected = AnswerForm.Dump(await PlainAsync(endpoint, client, change == _fields[6].Change ? item : endpoint.NewItem(), () => body, text => body = text));
                    var read = AnswerForm.Dump(await endpoint.ReadAsync(client, new() { Observer = messages.Enqueue }));
                    expected = [.. expected.Select(Plain)];
                    read = [.. read.Select(Plain)];
                    if (!expected.SetEquals(read))
                        wrong.Add($"{endpoint.Name}, {fields}, {form}: lost {string.Join(' ', expected.Except(read))}, extra {string.Join(' ', read.Except(expected))}");
                }
            }
        }

        Assert.InRange(lines, 500, 10_000);
        Assert.Empty(wrong);
    }

    /// <summary>What is read of the same object in the form that the contract assumes.</summary>
    private static async Task<List<object?>> PlainAsync(AnswerForm endpoint, MeshiaClient client, NodeObject item, Func<string> get, Action<string> set)
    {
        var kept = get();
        set(endpoint.List is null ? item.ToJsonString() : $"[{item.ToJsonString()}]");
        var things = await endpoint.ReadAsync(client, new());
        set(kept);
        Assert.NotNull(Assert.Single(things));
        return things;
    }

    /// <summary>A text, as far as the change of its case or of its hyphens is no loss.</summary>
    private static string Plain(string text) => text.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    private static NodeObject Renamed(NodeObject item, Func<string, string> rename) => new(item.Select(pair => KeyValuePair.Create(rename(pair.Key), pair.Value?.DeepClone())));

    private static NodeObject Changed(NodeObject item, Func<JsonNode, JsonNode> change, params (string Name, string Value)[] added) =>
        new(item.Select(pair => KeyValuePair.Create(pair.Key, pair.Value is { } value ? change(value) : null)).Concat(added.Select(pair => KeyValuePair.Create(pair.Name, (JsonNode?)pair.Value))));
}
