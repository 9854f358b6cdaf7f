using System.Net;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Sessions;

public class SessionNameTests
{
    [Theory]
    [Trait("Contract", "session-name")]
    [InlineData("a\0b", "control character")]
    [InlineData("a\nb", "control character")]
    [InlineData("a\u007fb", "control character")]
    [InlineData("a..b", "'..'")]
    [InlineData("a~b", "'~'")]
    [InlineData("a^b", "'^'")]
    [InlineData("a:b", "':'")]
    [InlineData("a?b", "'?'")]
    [InlineData("a*b", "'*'")]
    [InlineData("a[b", "'['")]
    [InlineData("a\\b", "'\\'")]
    [InlineData("a b", "a space")]
    [InlineData("a@{b", "'@{'")]
    [InlineData("/a", "begin or end with '/'")]
    [InlineData("a/", "begin or end with '/'")]
    [InlineData("a//b", "begin or end with '/'")]
    [InlineData(".a", "begins with '.'")]
    [InlineData("a/.b", "begins with '.'")]
    [InlineData("a.lock", "ends with '.lock'")]
    [InlineData("a.lock/b", "ends with '.lock'")]
    public async Task What_no_git_ref_can_hold_is_refused(string name, string reason)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await sandbox.AssertErrorAsync(
            HttpMethod.Post, "sessions", JsonSerializer.Serialize(new { name, gpu = "rtx4090" }), HttpStatusCode.BadRequest, "invalid_request", reason);
        Assert.Empty((await sandbox.GetAsync("sessions")).GetProperty("sessions").EnumerateArray());
    }

    [Theory]
    [InlineData("a.b")]
    [InlineData("team/run-1")]
    [InlineData("-a_b@c")]
    [InlineData("a.locker")]
    public async Task What_a_git_ref_can_hold_is_taken(string name)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        Assert.Equal(name, (await sandbox.PostAsync("sessions", new { name, gpu = "rtx4090" })).GetProperty("name").GetString());
    }
}
