using System.Diagnostics;

namespace Meshia.Client.Tests;

/// <summary>Somebody else may write to the folder of a download: nothing outside of it changes, and nothing hangs.</summary>
public sealed class PlantedFileTests : IDisposable
{
    private static readonly byte[] _bytes = NastyStorage.MakeBytes((4 * 1024 * 1024) + 1000);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-planted-");
    private readonly DirectoryInfo _elsewhere = Directory.CreateTempSubdirectory("meshia-victim-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static MatrixTheoryData<string, bool, bool> Links => new(["m.bin", "m.bin.partial", "m.bin.partial.journal", FolderManifest.FileName], [false, true], [false, true]);

    private string FilePath => Path.Combine(_folder.FullName, "m.bin");

    private string PartialPath => FilePath + ".partial";

    private string Victim => Path.Combine(_elsewhere.FullName, "victim");

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _elsewhere.Delete(recursive: true);
    }

    [Theory]
    [MemberData(nameof(Links))]
    public async Task A_planted_link_is_never_followed(string name, bool dangling, bool overwrite)
    {
        if (!dangling)
            await File.WriteAllTextAsync(Victim, "precious", Cancel);
        File.CreateSymbolicLink(Path.Combine(_folder.FullName, name), Victim);

        var failure = await TrySaveAsync(overwrite);

        Assert.Equal(dangling ? null : "precious", File.Exists(Victim) ? await File.ReadAllTextAsync(Victim, Cancel) : null);
        AssertRightOrNamed(failure, name);
    }

    [Theory]
    [InlineData("m.bin")]
    [InlineData("m.bin.partial")]
    [InlineData("m.bin.partial.journal")]
    [InlineData(FolderManifest.FileName)]
    public async Task A_planted_pipe_does_not_hang(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in the file system.");
        using (var make = Process.Start("mkfifo", [Path.Combine(_folder.FullName, name)]))
            await make.WaitForExitAsync(Cancel);

        // A hang is what this test finds: where there is none, the time does not matter.
        var failure = await Task.Run(() => TrySaveAsync(overwrite: false), Cancel).WaitAsync(_patience, Cancel);

        AssertRightOrNamed(failure, name);
    }

    [Fact]
    public async Task A_planted_second_name_of_another_file_is_not_written_to()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The test makes hard links with ln.");
        await File.WriteAllTextAsync(Victim, "precious", Cancel);
        using (var link = Process.Start("ln", [Victim, PartialPath]))
            await link.WaitForExitAsync(Cancel);

        Assert.Null(await TrySaveAsync(overwrite: false));

        Assert.Equal("precious", await File.ReadAllTextAsync(Victim, Cancel));
        Assert.Equal(_bytes, await File.ReadAllBytesAsync(FilePath, Cancel));
    }

    [Fact]
    public async Task A_partial_file_that_is_swapped_during_the_transfer_never_gets_the_name()
    {
        var swapped = false;
        var other = NastyStorage.MakeBytes(_bytes.Length, 2);

        var failure = await TrySaveAsync(overwrite: false, behave: _ => new()
        {
            Before = Task.Run(async () =>
            {
                await TestClient.UntilAsync(() => File.Exists(PartialPath));
                await File.WriteAllBytesAsync(Victim, other, Cancel);
                File.Move(Victim, PartialPath, overwrite: true);
                swapped = true;
            }),
        });

        Assert.True(swapped);
        Assert.Contains(PartialPath, Assert.IsType<IOException>(failure).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(FilePath));
    }

    private async Task<Exception?> TrySaveAsync(bool overwrite, Func<FileRequest, Behaviour>? behave = null)
    {
        await using var storage = await NastyStorage.StartAsync(_bytes, behave);
        var manifest = FolderManifest.Read(_folder.FullName);
        using var client = storage.Api.Client();
        return await Record.ExceptionAsync(() => client.SaveArtifactAsync(storage.Artifact, FilePath, new() { Manifest = manifest, Overwrite = overwrite, Connections = 1 }, cancellationToken: Cancel));
    }

    /// <summary>Either an error names what was planted, or the file is the right one, and a file of its own.</summary>
    private void AssertRightOrNamed(Exception? failure, string name)
    {
        if (failure is not null)
        {
            Assert.Contains(name, Assert.IsType<IOException>(failure).Message, StringComparison.Ordinal);
            return;
        }

        Assert.Null(new FileInfo(FilePath).LinkTarget);
        Assert.Equal(_bytes, File.ReadAllBytes(FilePath));
    }
}
