using System.Diagnostics;

namespace Meshia.Client.Tests;

/// <summary>The file of profiles, where somebody else may have put something in its place.</summary>
[Collection(nameof(ProfileFileTests))]
[CollectionDefinition(nameof(ProfileFileTests), DisableParallelization = true)]
public sealed class ProfileFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-profiles-");
    private readonly DirectoryInfo _elsewhere = Directory.CreateTempSubdirectory("meshia-victim-");
    private readonly string? _before = Environment.GetEnvironmentVariable(ConnectionProfileFile.FolderVariable);

    public ProfileFileTests() => Environment.SetEnvironmentVariable(ConnectionProfileFile.FolderVariable, _folder.FullName);

    private static ConnectionProfile Profile => new() { Name = "work", BaseUri = MeshiaClientOptions.DefaultBaseUri, Vault = "Store", SecretName = "Meshia-work" };

    private string Victim => Path.Combine(_elsewhere.FullName, "victim");

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(ConnectionProfileFile.FolderVariable, _before);
        _folder.Delete(recursive: true);
        _elsewhere.Delete(recursive: true);
    }

    [Theory]
    [InlineData("profiles.json", true)]
    [InlineData("profiles.json", false)]
    [InlineData("profiles.json.lock", true)]
    [InlineData("profiles.json.lock", false)]
    public void A_planted_link_is_refused_by_name_and_its_target_is_left_as_it_is(string name, bool dangling)
    {
        if (!dangling)
            File.WriteAllText(Victim, "precious");
        var link = Path.Combine(_folder.FullName, name);
        File.CreateSymbolicLink(link, Victim);

        var failure = Assert.Throws<IOException>(() => ConnectionProfileFile.Save(Profile));

        Assert.Contains(link, failure.Message, StringComparison.Ordinal);
        Assert.Equal(dangling ? null : "precious", File.Exists(Victim) ? File.ReadAllText(Victim) : null);
    }

    [Theory]
    [InlineData("profiles.json")]
    [InlineData("profiles.json.lock")]
    public void A_planted_pipe_is_refused_by_name_and_does_not_hang(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in the file system.");
        var pipe = Path.Combine(_folder.FullName, name);
        using (var make = Process.Start("mkfifo", [pipe]))
            make.WaitForExit();

        Assert.Contains(pipe, Assert.Throws<IOException>(() => ConnectionProfileFile.Save(Profile)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_a_newer_version_is_refused_and_left_as_it_is()
    {
        const string newer = """{"version":2,"profiles":{"work":{"address":"https://else.example"}}}""";
        File.WriteAllText(ConnectionProfileFile.FilePath, newer);

        Assert.Contains("newer version", Assert.Throws<IOException>(() => ConnectionProfileFile.Read()).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => ConnectionProfileFile.Save(Profile));

        Assert.Equal(newer, File.ReadAllText(ConnectionProfileFile.FilePath));
    }

    [Fact]
    public void A_file_without_a_version_is_one_of_before()
    {
        File.WriteAllText(ConnectionProfileFile.FilePath, """{"profiles":{"old":{"base_uri":"https://run.meshia.io/api/v1","vault":"Store","secret_name":"Meshia-old"}}}""");

        ConnectionProfileFile.Save(Profile);

        Assert.Equal(["old", "work"], ConnectionProfileFile.Read().Select(profile => profile.Name).Order(StringComparer.Ordinal));
        Assert.Contains("\"version\": 1", File.ReadAllText(ConnectionProfileFile.FilePath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_beside_writers_always_sees_the_profile()
    {
        ConnectionProfileFile.Save(Profile);
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(() =>
        {
            for (var round = 0; round < 50; round++)
                ConnectionProfileFile.Save(new() { Name = $"other{writer}", BaseUri = Profile.BaseUri, Vault = "Store", SecretName = $"{round}" });
        })).ToArray();

        var reads = 0;
        for (; !Array.TrueForAll(writers, writer => writer.IsCompleted) || reads == 0; reads++)
            Assert.NotNull(ConnectionProfileFile.Find("work"));

        await Task.WhenAll(writers);
        Assert.Equal(3, ConnectionProfileFile.Read().Count);
    }
}
