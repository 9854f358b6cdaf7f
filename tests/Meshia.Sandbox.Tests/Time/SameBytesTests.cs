using System.Text;
using System.Text.RegularExpressions;
using Meshia.Sandbox.Tests.Webhooks;

namespace Meshia.Sandbox.Tests.Time;

public partial class SameBytesTests
{
    /// <summary>A week in which a session is made each hour and a tenth of the deliveries fails.</summary>
    [Theory]
    [InlineData(168)]
    public async Task A_week_of_a_runbook_is_the_same_bytes_each_time(int sessions)
    {
        var first = await RunAsync(sessions);
        var second = await RunAsync(sessions);
        Assert.True(first.Length > 100_000);
        Assert.Contains("X-Meshia-Signature: sha256=", first, StringComparison.Ordinal);
        Assert.Equal(first, second);
    }

    private static async Task<string> RunAsync(int sessions)
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with
        {
            StandStill = true,
            StartTime = new DateTimeOffset(2026, 1, 5, 0, 0, 0, TimeSpan.Zero),
        });
        await using var receiver = await Receiver.StartAsync();
        var text = new StringBuilder();
        var count = 0;
        receiver.Respond = context =>
        {
            context.Response.StatusCode = ++count % 10 == 0 ? 500 : 200;
            return Task.CompletedTask;
        };
        await SendAsync("POST", "webhooks", $$"""{"url":"{{receiver.Url}}","events":["session.started","session.stopped","experiment.completed"],"secret":"whsec"}""");
        for (var hour = 0; hour < sessions; hour++)
        {
            await SendAsync("POST", "sessions", $$"""{"name":"hour-{{hour}}","gpu":"h100"}""");
            await sandbox.StepAsync(new { seconds = 3600 });
        }

        var list = await SendAsync("GET", "sessions", null);
        var id = TestSandbox.Parse(list).GetProperty("sessions")[0].GetProperty("id").GetString();
        var experiments = TestSandbox.Parse(await SendAsync("GET", $"sessions/{id}/experiments", null)).GetProperty("experiments");
        await SendAsync("GET", $"artifacts/{experiments[0].GetProperty("artifacts")[0].GetProperty("id").GetString()}/download", null);
        text.Append(await sandbox.Http.GetStringAsync(new Uri("/sandbox/deliveries", UriKind.Relative), TestSandbox.Cancel));
        while (receiver.Waiting > 0)
        {
            var delivery = await receiver.NextAsync();
            text.AppendLine(delivery.Headers).AppendLine(Encoding.UTF8.GetString(delivery.Body));
        }

        // Of all that is sent, only the ports differ.
        return Ports.Replace(text.ToString(), "$1:port");

        async Task<string> SendAsync(string method, string path, string? body)
        {
            using var response = await sandbox.SendAsync(new HttpMethod(method), path, body);
            var content = await response.Content.ReadAsStringAsync(TestSandbox.Cancel);
            text.Append(response.Headers).Append(response.Content.Headers).AppendLine(content);
            return content;
        }
    }

    [GeneratedRegex(@"(127\.0\.0\.1):\d+")]
    private static partial Regex Ports { get; }
}
