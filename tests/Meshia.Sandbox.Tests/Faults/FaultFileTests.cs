using System.Text;

namespace Meshia.Sandbox.Tests.Faults;

/// <summary>The file of <c>--faults</c>.</summary>
public sealed class FaultFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData("""[{"on":"GET /webhooks","effect":"Status","status":403,"id":"flt_1"}]""")]
    [InlineData("""{"faults":[{"on":"GET /webhooks","effect":"Status","status":403}]}""")]
    [InlineData("""
        // People comment their faults.
        [
            { "on": "GET /webhooks", "effect": "Status", "status": 403, }, /* And leave commas. */
        ]
        """)]
    public async Task Faults_are_set_at_the_start_and_again_by_a_reset(string text)
    {
        // Windows PowerShell begins a file with the mark of its encoding.
        await File.WriteAllTextAsync(_path, text, Encoding.Unicode, TestSandbox.Cancel);
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Faults = Path.GetRelativePath(Environment.CurrentDirectory, _path) });
        var before = await FaultsAsync(sandbox);
        Assert.Contains("403", before, StringComparison.Ordinal);
        using (await sandbox.SendAsync(HttpMethod.Delete, "/sandbox/faults"))
        using (await sandbox.SendAsync(HttpMethod.Post, "/sandbox/reset", ""))
            Assert.Equal(before, await FaultsAsync(sandbox));
    }

    [Theory]
    [InlineData("", "not valid JSON at line 1, byte 1.")]
    [InlineData("[\n{\"on\" \"*\"}]", "not valid JSON at line 2, byte 7.")]
    [InlineData("\"x\"", "must be an array of faults, or an object with the array 'faults'.")]
    [InlineData("5", "must be an array of faults, or an object with the array 'faults'.")]
    [InlineData("{}", "'faults' is missing. It must be an array of faults.")]
    [InlineData("""{"fault":[]}""", "'fault' is not known. Valid fields: faults.")]
    [InlineData("""{"faults":5}""", "'faults' must be an array of JSON objects.")]
    [InlineData("""[{"on":"*","effect":"delay"},5]""", "'faults' must be an array of JSON objects.")]
    [InlineData("""[{"on":"*","effect":"delay"},{"on":"*","effect":"boom"}]""", "fault 2: 'effect' must, for '*', be one of CutAfter,")]
    [InlineData("""[{"on":"*","effect":"delay","probability":2}]""", "fault 1: 'probability' must be a number from 0 to 1.")]
    [InlineData("""[{"on":"nowhere","effect":"delay"}]""", "fault 1: 'on' must be")]
    [InlineData("""[{"on":"*","effect":"delay","secnds":1}]""", "fault 1: 'secnds' is not known.")]
    [InlineData("""[{"on":"*","effect":"delay","effect":"status"}]""", "'effect'")]
    public async Task What_is_wrong_with_the_file_is_said_and_where(string text, string message)
    {
        await File.WriteAllTextAsync(_path, text, TestSandbox.Cancel);
        var refused = await RefuseAsync(_path);
        Assert.StartsWith($"--faults must be a file of faults. '{_path}' is not: ", refused, StringComparison.Ordinal);
        Assert.Contains(message, refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_path_that_is_no_file_is_said_to_be_none()
    {
        Assert.Equal($"--faults must be a file that can be read. '{AppContext.BaseDirectory}' is a folder.", await RefuseAsync(AppContext.BaseDirectory));
        Assert.StartsWith("--faults must be a file that can be read. Could not find", await RefuseAsync(Path.Combine(_path, "none.json")), StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
            Assert.Contains("it has more than", await RefuseAsync("/dev/zero"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}", "'faults' is missing")]
    [InlineData("""{"fault":[]}""", "'fault' is not known")]
    public async Task Replacing_all_faults_needs_a_list(string body, string message)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await FaultTests.AddAsync(sandbox, new { on = "*", effect = "delay", probability = 0 });
        var before = await FaultsAsync(sandbox);
        await sandbox.AssertErrorAsync(HttpMethod.Put, "/sandbox/faults", body, System.Net.HttpStatusCode.BadRequest, "invalid_request", message);
        Assert.Equal(before, await FaultsAsync(sandbox));
    }

    private static async Task<string> RefuseAsync(string path) =>
        (await Assert.ThrowsAsync<InvalidDataException>(() => TestSandbox.StartAsync(TestSandbox.Options with { Faults = path }))).Message;

    private static async Task<string> FaultsAsync(TestSandbox sandbox) => (await sandbox.GetAsync("/sandbox/faults")).GetRawText();
}
