using System.Text;
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
    public void Ten_thousand_sessions_are_read_with_few_allocations()
    {
        const int count = 10_000;
        const int piece = 16 * 1024;
        var bytes = Encoding.UTF8.GetBytes($$"""{"sessions":[{{string.Join(',', Enumerable.Range(0, count).Select(i => $$"""{"id":"sess_{{i}}","name":"run-{{i}}","gpu":"rtx4090","repo":"github:user/repo","status":"stopped","created_at":"{{Time(i)}}","started_at":"{{Time(i + 30)}}","stopped_at":"{{Time(i + 3600)}}"}"""))}}]}""");
        Assert.Equal(count, ReadAll());

        var before = GC.GetAllocatedBytesForCurrentThread();
        ReadAll();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.True(allocated <= 9_000_000, $"{allocated} bytes were allocated.");

        int ReadAll()
        {
            var seen = 0;
            var reader = new JsonItemReader(ContractNames.Sessions);
            for (var start = 0; start < bytes.Length; start += piece)
            {
                foreach (var item in reader.Next(bytes.AsMemory(start, Math.Min(piece, bytes.Length - start)), isLast: start + piece >= bytes.Length))
                    seen += Session.From(item).Id.Length > 0 ? 1 : 0;
            }

            return seen;
        }

        static string Time(int second) => new DateTime(2025, 6, 1, 10, 0, 0, DateTimeKind.Utc).AddSeconds(second * 61).ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
    }

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
