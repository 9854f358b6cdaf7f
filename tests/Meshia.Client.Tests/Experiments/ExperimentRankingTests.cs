using System.Globalization;
using System.Text;

namespace Meshia.Client.Tests;

public sealed class ExperimentRankingTests
{
    [Theory]
    [InlineData("loss", """{"id":"a","metrics":{"acc":1,"loss":0.5,"x":2}}""", 0.5)]
    [InlineData("loss", """{"id":"a","metrics":{"loss":-1.5e3}}""", -1500.0)]
    [InlineData("eval.loss", """{"id":"a","metrics":{"n":1,"eval":{"acc":1,"loss":3}}}""", 3.0)]
    [InlineData("loss", """{"id":"a","metrics":{"eval":{"loss":3}}}""", null)]
    [InlineData("loss", """{"id":"a","metrics":{"h":[1],"loss":3}}""", null)]
    [InlineData("loss", """{"id":"a","metrics":{"loss":1,"loss":3}}""", null)]
    [InlineData("loss", """{"id":"a","config":{"metrics":{"loss":9}},"metrics":{"loss":3}}""", null)]
    [InlineData("loss", """{"id":"a","name":"\"metrics\":{\"loss\":9}","metrics":{"loss":3}}""", 3.0)]
    [InlineData("loss", """{"id":"a","metrics":{"loss":NaN}}""", null)]
    [InlineData("loss", """{"id":"a","metrics":{"loss":"3"}}""", null)]
    [InlineData("loss", """{"id":"a","metrics":{"loss":[3]}}""", null)]
    [InlineData("loss", """{"id":"a","metrics":{"loss":3}""", 3.0)]
    [InlineData("loss", """{"id":"a","metrics":{"loss":3,"acc""", null)]
    [InlineData("loss", """{"id":"a","metrics":""", null)]
    [InlineData("loss", """{"id":"a","metrics":{"LOSS":3}}""", null)]
    [InlineData("a\"b", """{"id":"a","metrics":{"a\"b":3}}""", null)]
    public void A_number_is_found_only_where_there_is_no_doubt(string metric, string line, double? expected) =>
        Assert.Equal(expected, new MetricScan(metric).Find(Encoding.UTF8.GetBytes(line)));

    [Theory]
    [InlineData(MetricGoal.Minimize)]
    [InlineData(MetricGoal.Maximize)]
    public void Lines_that_are_passed_over_change_nothing(MetricGoal goal)
    {
        var random = new Random(24);
        var lines = Enumerable.Range(0, 2000).Select(number => string.Create(CultureInfo.InvariantCulture, $$$"""{"id":"exp_{{{number}}}","metrics":{{{{random.Next(4) switch
        {
            0 => "\"loss\":NaN",
            1 => $"\"history\":[1,2],\"loss\":{random.Next(500)}",
            2 => $"\"loss\":{random.Next(500)}",
            _ => $"\"loss\":{random.NextDouble() * 500}",
        }}}}}}""")).Select(Encoding.UTF8.GetBytes).ToList();
        var (all, some) = (new ExperimentRanking("loss", goal, null), new ExperimentRanking("loss", goal, 10));
        var read = 0;
        foreach (var line in lines)
        {
            all.Add(ArchivedExperiment.FromLine(line, keepsJson: false).Experiment);
            if (some.IsBeaten(line))
                continue;
            read++;
            some.Add(ArchivedExperiment.FromLine(line, keepsJson: false).Experiment);
        }

        Assert.Equal(all.Best.Take(10).Select(experiment => experiment.Id), some.Best.Select(experiment => experiment.Id));
        Assert.True(read < lines.Count * 3 / 4, $"{read} of {lines.Count} lines were read.");
    }
}
