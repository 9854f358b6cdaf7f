using System.Globalization;
using System.Numerics;
using System.Text;

namespace Meshia.Client.Tests;

/// <summary>Values of the service keep all of their digits, whatever their depth and names.</summary>
public class ValueTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "numbers")]
    [InlineData("18446744073709551615", typeof(decimal))]
    [InlineData("-18446744073709551615", typeof(decimal))]
    [InlineData("79228162514264337593543950335", typeof(decimal))]
    [InlineData("79228162514264337593543950336", typeof(BigInteger))]
    [InlineData("123456789012345678901234567890123", typeof(BigInteger))]
    [InlineData("9223372036854775807", typeof(long))]
    [InlineData("9223372036854775808", typeof(decimal))]
    [InlineData("0.1234567890123456789", typeof(decimal))]
    [InlineData("0.30000000000000004", typeof(double))]
    [InlineData("0.31", typeof(double))]
    [InlineData("0.12345678901234567890123456789012345", typeof(string))]
    [InlineData("1e400", typeof(string))]
    [InlineData("-1.5e400", typeof(string))]
    [InlineData("1e-400", typeof(string))]
    public void Digits_are_kept(string number, Type type)
    {
        var value = ((object?[])JsonValue.Parse(Encoding.UTF8.GetBytes($"[{number}]"))!)[0]!;

        Assert.IsType(type, value);
        Assert.Equal(number, Convert.ToString(value, CultureInfo.InvariantCulture));
        Assert.Equal(value is string ? $"[\"{number}\"]" : $"[{number}]", JsonValue.ToText(new[] { value }));
    }

    [Theory]
    [Trait("Contract", "numbers")]
    [InlineData("0.1000000000000000055511151231257827021181583404541015625")]
    [InlineData("0.10000000000000000")]
    [InlineData("1e-1")]
    [InlineData("0.0000000000000000000000000000000000001e36")]
    public void Every_way_to_write_a_double_is_the_double(string number) => Assert.Equal([0.1], (object?[])JsonValue.Parse(Encoding.UTF8.GetBytes($"[{number}]"))!);

    [Theory]
    [InlineData("18446744073709551615", "18446744073709551614")]
    [InlineData("0.12345678901234567890123456789012345", "0.12345678901234567890123456789012346")]
    [InlineData("1e400", "2e400")]
    [InlineData("1e-400", "0.0")]
    [InlineData("9007199254740993", "9007199254740992")]
    [InlineData("9007199254740993", "9007199254740992.0")]
    [InlineData("123456789012345678901234567890123", "123456789012345678901234567890124")]
    [InlineData("0.1234567890123456789", "0.1234567890123456788")]
    public void Two_that_differ_in_the_last_digit_differ(string one, string other)
    {
        var rows = Compare(one, other).Config;

        Assert.True(Assert.Single(rows).IsDifferent);
        Assert.Empty(Compare(one, one).Config);
    }

    [Theory]
    [InlineData("1", "1.0")]
    [InlineData("18446744073709551615", "18446744073709551615.0")]
    [InlineData("100", "1e2")]
    public void Two_that_are_the_same_number_are_the_same(string one, string other) => Assert.Empty(Compare(one, other).Config);

    [Fact]
    public async Task An_id_of_many_digits_is_the_same_in_an_address()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":12345678901234567890}"""));
        using var client = service.Client();

        var session = await client.GetSessionAsync("12345678901234567890", cancellationToken: Cancel);
        await client.GetSessionAsync(session.Id, cancellationToken: Cancel);

        Assert.Equal("12345678901234567890", session.Id);
        Assert.Equal("GET /sessions/12345678901234567890", service.Requests[1].Endpoint);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(300)]
    [InlineData(5_000)]
    public async Task A_deep_value_is_kept_whole_and_hides_nothing(int levels)
    {
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "\"end\"" + new string('}', levels);
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$$"""{"experiments":[{"id":"e1"},{"id":"e2","config":{"deep":{{{deep}}}}},{"id":"e3"}]}"""));
        using var client = service.Client();

        var experiments = await client.GetExperimentsAsync("s", cancellationToken: Cancel).AllAsync();

        Assert.Equal(["e1", "e2", "e3"], experiments.Select(experiment => experiment.Id));
        // What is deeper than values go is a text of JSON.
        Assert.Equal(deep, Text(experiments[1].Config["deep"]));
        Assert.NotEmpty(experiments[1].FlattenConfig());

        static string Text(object? value) => value switch
        {
            JsonObject map => $"{{\"a\":{Text(map["a"])}}}",
            string { Length: > 3 } json => json,
            _ => $"\"{value}\"",
        };
    }

    [Fact]
    public async Task Odd_names_are_kept()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"e1","config":{"":1,"Lr":2,"lr":3,"a":{"":{"":4}}},"metrics":{"":0.5}}"""));
        using var client = service.Client();

        var experiment = await client.GetExperimentAsync("e1", cancellationToken: Cancel);

        Assert.Equal([1L, 2L, 3L], [experiment.Config[""], experiment.Config["Lr"], experiment.Config["lr"]]);
        Assert.Equal(["", "Lr", "lr", "a.."], experiment.FlattenConfig().Keys);
        Assert.Equal(0.5, experiment.Metrics[""]);
    }

    private static ExperimentComparison Compare(string one, string other)
    {
        var experiments = new[] { Experiment("a", one), Experiment("b", other) };
        return ComparisonReader.Complete(ComparisonReader.Nothing, experiments, "a", new());

        static Experiment Experiment(string id, string seed) => Meshia.Experiment.From(JsonValue.Parse(Encoding.UTF8.GetBytes($$$"""{"id":"{{{id}}}","config":{"seed":{{{seed}}}}}""")));
    }
}
