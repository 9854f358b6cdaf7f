using System.Diagnostics;

namespace Meshia;

/// <summary>
/// The file in which the processes of a user on one machine share a <see cref="BudgetPage"/>. It is opened for each use and
/// for nobody else meanwhile, which locks it on every platform and goes with its process; so a file that was deleted or
/// replaced is noticed at the next use.
/// </summary>
internal sealed class BudgetFile(string path)
{
    /// <summary>Reads the page, lets it be changed, and writes it back, while no other process does.</summary>
    /// <param name="page">Where the bytes go. A file that is too short has zeros at its end.</param>
    /// <param name="patience">How long another process may have the file.</param>
    /// <param name="work">The change. It is told whether the file is surely damaged, and its result says whether there is a change.</param>
    /// <returns>Whether the file could be used.</returns>
    public bool TryUse(BudgetPage page, TimeSpan patience, Func<bool, bool> work)
    {
        using var file = TryOpen(patience);
        if (file is null)
            return false;
        try
        {
            var length = 0;
            for (int read; length < BudgetPage.Size && (read = file.Read(page.Bytes, length, BudgetPage.Size - length)) > 0;)
                length += read;
            Array.Clear(page.Bytes, length, BudgetPage.Size - length);
            if (work(length is not 0 and not BudgetPage.Size || file.Length > BudgetPage.Size))
            {
                file.Position = 0;
                file.Write(page.Bytes, 0, BudgetPage.Size);
                file.SetLength(BudgetPage.Size);
                file.Flush();
            }

            return true;
        }
        catch (IOException)
        {
            // A full disk, a folder that has gone: this process goes on alone.
            return false;
        }
    }

    private FileStream? TryOpen(TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        var hasCreatedFolder = false;
        for (var tries = 0; ; tries++)
        {
            try
            {
                return OwnFile.OpenOrCreate(path);
            }
            catch (FileInUseException) when (waited.Elapsed < patience)
            {
                // Another process has its turn, which takes some microseconds.
                if (tries < 10)
                    Thread.Yield();
                else
                    Thread.Sleep(1);
            }
            catch (DirectoryNotFoundException) when (!hasCreatedFolder)
            {
                hasCreatedFolder = true;
                if (!TryCreateFolder())
                    return null;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }

    /// <summary>Somebody may have deleted the folder while the process runs.</summary>
    private bool TryCreateFolder()
    {
        try
        {
            OwnFile.CreateFolder(Path.GetDirectoryName(path)!);
            return true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
