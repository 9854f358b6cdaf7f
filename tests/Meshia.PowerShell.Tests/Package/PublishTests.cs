namespace Meshia.PowerShell.Tests;

/// <summary><c>.ci/Publish-Package.ps1</c> against a feed on loopback.</summary>
public sealed class PublishTests : IDisposable
{
    private const string Key = "oy2-publish-key-of-a-test";

    private readonly ShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task A_package_is_pushed_once_and_its_key_is_in_no_argument_and_no_output()
    {
        var commands = new List<string>();
        await using var feed = await StartAsync(_ =>
        {
            if (OperatingSystem.IsLinux())
                commands.AddRange(Directory.GetDirectories("/proc").Select(folder => Path.Combine(folder, "cmdline")).Where(File.Exists).Select(Read));
            return new Reply(201, "", "text/plain");
        });

        var (exitCode, output, error) = await RunAsync(feed, feed.Origin);

        Assert.Equal((0, "pushed\n"), (exitCode, output));
        var push = Assert.Single(feed.Requests, request => request.Method == "PUT");
        Assert.Equal(Key, push.Headers["X-NuGet-ApiKey"]);
        Assert.Contains("the package", push.Body, StringComparison.Ordinal);
        Assert.StartsWith("multipart/form-data", push.Headers["Content-Type"], StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
            Each.Of(commands, command => Assert.DoesNotContain(Key, command, StringComparison.Ordinal));
        Assert.DoesNotContain(Key, output + error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(409)]
    [InlineData(307)]
    public async Task A_refusal_is_an_error_and_a_redirect_does_not_get_the_key(int status)
    {
        await using var elsewhere = await ScriptedService.StartAsync(_ => new Reply(201, "", "text/plain"));
        await using var feed = await StartAsync(_ => new Reply(status, "", "text/plain").With("Location", new Uri(elsewhere.Origin, "/x").AbsoluteUri));

        var (exitCode, output, error) = await RunAsync(feed, feed.Origin);

        Assert.Equal(1, exitCode);
        Assert.Contains($"status {status}", ShellProcess.Unwrap(error), StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
        Assert.DoesNotContain(Key, output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_that_publishes_without_https_gets_no_key()
    {
        await using var feed = await StartAsync(_ => new Reply(201, "", "text/plain"));

        var (exitCode, _, error) = await RunAsync(feed, new Uri("http://feed.example/"));

        Assert.Equal(1, exitCode);
        Assert.Contains("The key is sent only with https.", ShellProcess.Unwrap(error), StringComparison.Ordinal);
    }

    private static Task<ScriptedService> StartAsync(Func<SeenRequest, Reply> push)
    {
        return ScriptedService.StartAsync(request => request.Method == "PUT" ? push(request) : Reply.Ok($$"""{"resources":[{"@id":"{{request.Query.Split('=')[1]}}publish","@type":"PackagePublish/2.0.0"}]}"""));
    }

    private Task<(int ExitCode, string Output, string Error)> RunAsync(ScriptedService feed, Uri publishes)
    {
        var package = Path.Combine(_shell.Folder, "a.nupkg");
        File.WriteAllText(package, "the package");
        return _shell.RunAsync(
            "& $args[0] -Path $args[1] -Source $args[2] -ApiKey (ConvertTo-SecureString $env:PUSH_KEY -AsPlainText); 'pushed'",
            start =>
            {
                start.Environment["PUSH_KEY"] = Key;
                start.Environment.Remove("PSModulePath");
            },
            Path.Combine(Repository.Root, ".ci", "Publish-Package.ps1"),
            package,
            $"{feed.Origin}index.json?at={publishes}");
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The process has ended.
            return "";
        }
    }
}
