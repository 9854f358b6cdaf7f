using Microsoft.AspNetCore.Http;

namespace Meshia.Client.Tests;

/// <summary>What a list holds of a long answer, measured while no other test fills the memory of this process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[Collection(Name)]
public class ListMemoryTests
{
    private const string Name = "Memory";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Ten_thousand_sessions_stream_in_bounded_memory()
    {
        const int count = 10_000;
        await using var service = await ScriptedService.StartAsync(async (_, context) =>
        {
            await context.Response.WriteAsync("{\"sessions\":[");
            for (var i = 0; i < count; i++)
                await context.Response.WriteAsync($$"""{{(i > 0 ? "," : "")}}{"id":"sess_{{i}}","name":"{{new string('n', 4000)}}","gpu":"rtx4090","status":"stopped","created_at":"2025-06-01T10:00:00Z"}""");
            await context.Response.WriteAsync("]}");
        });
        using var client = service.Client();
        var (seen, before, most) = (0, GC.GetTotalMemory(forceFullCollection: true), 0L);

        await foreach (var session in client.GetSessionsAsync(cancellationToken: Cancel))
        {
            if (++seen % 2500 == 0)
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Assert.Equal(count, seen);
        // All of it is 40 MB on the wire, and twice that as .NET texts.
        Assert.True(most < 30 * 1024 * 1024, $"{most / 1024} KB more are live in the middle of the list.");
    }
}
