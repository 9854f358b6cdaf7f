using System.Diagnostics;
using System.Text;

namespace Meshia.Client.Tests;

public sealed class OwnFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-own-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "own");

    private string Victim => System.IO.Path.Combine(_folder.FullName, "victim");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_new_file_is_created_once_and_only_its_owner_reads_it()
    {
        OwnFile.Create(Path).Dispose();

        Assert.Throws<IOException>(() => OwnFile.Create(Path));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_planted_link_is_not_followed(bool dangling)
    {
        if (!dangling)
            File.WriteAllText(Victim, "precious");
        File.CreateSymbolicLink(Path, Victim);

        Assert.Throws<IOException>(() => OwnFile.Create(Path));
        Assert.Throws<IOException>(() => OwnFile.Open(Path, FileAccess.ReadWrite, FileShare.None));
        Assert.Throws<IOException>(() => OwnFile.OpenOrCreate(Path));
        Assert.Throws<IOException>(() => OwnFile.ReadAllBytes(Path));
        Assert.Throws<IOException>(() => OwnFile.WriteAllBytes(Path, [1]));

        Assert.Equal(dangling ? null : "precious", File.Exists(Victim) ? File.ReadAllText(Victim) : null);
        Assert.Equal(dangling ? 1 : 2, _folder.GetFileSystemInfos().Length);
    }

    [Fact]
    public void A_pipe_and_a_folder_are_refused_and_do_not_hang()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in the file system.");
        using (var make = Process.Start("mkfifo", [Path]))
            make.WaitForExit();
        Directory.CreateDirectory(Victim);

        foreach (var access in new[] { FileAccess.Read, FileAccess.Write, FileAccess.ReadWrite })
        {
            Assert.Contains(Path, Assert.Throws<IOException>(() => OwnFile.Open(Path, access, FileShare.None)).Message, StringComparison.Ordinal);
            Assert.Throws<IOException>(() => OwnFile.Open(Victim, access, FileShare.None));
        }
    }

    [Fact]
    public void What_one_holds_alone_nobody_else_opens()
    {
        using var held = OwnFile.OpenOrCreate(Path);

        Assert.Throws<FileInUseException>(() => OwnFile.Open(Path, FileAccess.Read, FileShare.None));
        Assert.Throws<IOException>(() => new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.None));
    }

    [Fact]
    public void What_is_not_there_is_said_to_be_missing()
    {
        Assert.Throws<FileNotFoundException>(() => OwnFile.Open(Path, FileAccess.Read, FileShare.Read));
        Assert.Null(OwnFile.ReadAllBytes(Path));
        Assert.Null(OwnFile.ReadAllBytes(System.IO.Path.Combine(Path, "below")));
    }

    [Fact]
    public void A_whole_file_is_written_and_replaced_and_nothing_else_stays()
    {
        OwnFile.WriteAllBytes(Path, "first"u8.ToArray());
        OwnFile.WriteAllBytes(Path, "second"u8.ToArray());

        Assert.Equal("second", Encoding.UTF8.GetString(OwnFile.ReadAllBytes(Path)!));
        Assert.Single(_folder.GetFileSystemInfos());
    }
}
